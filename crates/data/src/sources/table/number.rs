//! Numbers in text.

/// Powers of ten that f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The f32 nearest to a number in text, with Rust's grammar: `1`, `-1.5`, `.5e-3`, `inf`, `nan`.
pub(super) fn parse(text: &[u8]) -> Option<f32> {
    match plain(text) {
        Some(number) => Some(number),
        None => std::str::from_utf8(text).ok()?.parse().ok(),
    }
}

/// Digits with at most one point, when they are few: one exact division (Clinger, "How to read floating point numbers
/// accurately", 1990). None where this way cannot tell the nearest f32, or the text is something else.
fn plain(text: &[u8]) -> Option<f32> {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    // 15 digits are below 2^53.
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut whole, mut count, mut after_point) = (0u64, 0, None);
    for (place, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            whole = whole * 10 + u64::from(digit);
            count += 1;
        } else if byte == b'.' && after_point.is_none() {
            after_point = Some(digits.len() - place - 1);
        } else {
            return None;
        }
    }
    if count == 0 || count > 15 {
        return None;
    }
    let number = whole as f64 / POWERS[after_point.unwrap_or(0)];
    // Rounding twice goes wrong only from half way between two f32.
    let is_half_way = number.to_bits() & ((1 << 29) - 1) == 1 << 28;
    let number = if is_negative { -number } else { number };
    (!is_half_way).then_some(number as f32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "-.", "1.2.3", "1,5", "0x1", "1 ", "--1", "1e", "\u{e4}"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(b"inf"), Some(f32::INFINITY));
        assert!(parse(b"nan").is_some_and(f32::is_nan));
        assert_eq!(parse(b"-0").map(f32::to_bits), Some((-0.0f32).to_bits()));
        // Half way between two f32, and a little above.
        assert_eq!(parse(b"16777217"), Some(16_777_216.0));
        assert_eq!(parse(b"16777217.0000001"), "16777217.0000001".parse().ok());
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(text in "-?[0-9]{0,17}\\.?[0-9]{0,9}(e-?[0-9]{1,2})?") {
            prop_assert_eq!(parse(text.as_bytes()).map(f32::to_bits), text.parse().ok().map(f32::to_bits));
        }

        #[test]
        fn written_numbers_are_read(number in any::<u32>()) {
            let number = f32::from_bits(number);
            prop_assume!(!number.is_nan());
            prop_assert_eq!(parse(number.to_string().as_bytes()), Some(number));
        }
    }
}
