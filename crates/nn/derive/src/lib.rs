//! `#[derive(Module)]`: walks a struct's fields, so that its parameters get PyTorch's names.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use proc_macro2::{Ident, TokenStream as Tokens, TokenTree};
use quote::quote;
use syn::{
    Data, DeriveInput, Error, Field, Generics, Index, Result, Type, TypeParam, TypeParamBound, parse_macro_input,
    parse_quote,
};

/// Implements `Module` for a struct by walking its fields in order.
///
/// - A field that is a `Param`, a `Mode`, a module, or an `Option`, `Vec` or `Box` of modules is walked under its own
///   name (a tuple struct's fields under 0, 1, ...).
/// - A field of a plain type (numbers, `bool`, `char`, `String`, and arrays of those) holds nothing to train and is
///   passed over, as is any field marked `#[module(skip)]`.
/// - The element type is the one named by `#[module(float = f64)]`, else the type parameter bounded by `Float`, else
///   `f32`. A struct all of whose modules are of generic types is a module of whatever float they are modules of.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<Tokens> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "Module can be derived for structs; implement it by hand for others",
        ));
    };
    let mut fields = Vec::new();
    for (index, field) in data.fields.iter().enumerate() {
        if !is_skipped(field)? && !is_plain(&field.ty) {
            fields.push((index, field, mentions_a_module_parameter(&field.ty, &input.generics)));
        }
    }
    let found = float_type(input)?;
    let any_float = found.is_none() && !fields.is_empty() && fields.iter().all(|(_, _, generic)| *generic);
    let float = if any_float { parse_quote!(__T) } else { found.unwrap_or_else(|| parse_quote!(f32)) };
    let mut generics = input.generics.clone();
    let mut walked = Vec::new();
    for (index, field, generic) in fields {
        walked.push(walk_field(index, field));
        if generic {
            let ty = &field.ty;
            generics.make_where_clause().predicates.push(parse_quote!(#ty: ::gradus_nn::Module<#float>));
        }
    }
    if any_float {
        generics.params.push(parse_quote!(__T: ::gradus_nn::__private::Float));
    }
    let name = &input.ident;
    let (_, type_generics, _) = input.generics.split_for_impl();
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::gradus_nn::Module<#float> for #name #type_generics #where_clause {
            fn members(&self, members: &mut ::gradus_nn::Members<#float>) {
                #(#walked)*
            }
        }
    })
}

fn walk_field(index: usize, field: &Field) -> Tokens {
    if let Some(ident) = &field.ident {
        let name = ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        quote!(members.field(#name, &self.#ident);)
    } else {
        let (name, index) = (index.to_string(), Index::from(index));
        quote!(members.field(#name, &self.#index);)
    }
}

/// Whether the type is built from a type parameter other than the float, which must be a module then.
fn mentions_a_module_parameter(ty: &Type, generics: &Generics) -> bool {
    fn mentions(tokens: Tokens, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => mentions(group.stream(), name),
            _ => false,
        })
    }
    let mut parameters = generics.type_params().filter(|parameter| !is_float(parameter));
    parameters.any(|parameter| mentions(quote!(#ty), &parameter.ident))
}

fn is_float(parameter: &TypeParam) -> bool {
    parameter.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|segment| segment.ident == "Float"),
        _ => false,
    })
}

/// Whether the field carries `#[module(skip)]`.
fn is_skipped(field: &Field) -> Result<bool> {
    let mut skip = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("skip") {
                return Err(meta.error("a field takes #[module(skip)]"));
            }
            skip = true;
            Ok(())
        })?;
    }
    Ok(skip)
}

/// Whether values of this type hold nothing to train, by the type's name alone.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "String",
    ];
    match ty {
        Type::Array(array) => is_plain(&array.elem),
        Type::Path(path) => path.path.get_ident().is_some_and(|ident| PLAIN.iter().any(|plain| ident == plain)),
        _ => false,
    }
}

/// The element type that the struct names; `None` where it names none.
fn float_type(input: &DeriveInput) -> Result<Option<Type>> {
    let mut named = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("float") {
                return Err(meta.error("a struct takes #[module(float = f64)]"));
            }
            named = Some(meta.value()?.parse::<Type>()?);
            Ok(())
        })?;
    }
    if named.is_some() {
        return Ok(named);
    }
    if let Some(TypeParam { ident, .. }) = input.generics.type_params().find(|parameter| is_float(parameter)) {
        return Ok(Some(parse_quote!(#ident)));
    }
    Ok(None)
}
