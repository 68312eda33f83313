//! Operations, losses and layers against PyTorch: outputs, all gradients, and second derivatives of the stored cases
//! (xtask/parity/README.md). A family's answers are in a file of its own.

mod activation;
mod arithmetic;
mod case;
mod check;
mod elementwise;
mod embedding;
mod index;
mod loss;
mod norm;
mod product;
mod recurrent;
mod reduction;
mod report;
mod sequence;
mod shape;
mod transformer;
mod window;

/// A test for each family: its fixture, and the function that answers its cases.
macro_rules! families {
    ($($family:ident),* $(,)?) => {$(
        #[test]
        fn $family() {
            const FIXTURE: &[u8] = include_bytes!(concat!("../fixtures/", stringify!($family), ".safetensors"));
            check::family(stringify!($family), FIXTURE, $family::answer::<f32>, $family::answer::<f64>);
        }
    )*};
}

families! {
    activation,
    arithmetic,
    elementwise,
    embedding,
    index,
    loss,
    norm,
    product,
    recurrent,
    reduction,
    sequence,
    shape,
    transformer,
    window,
}
