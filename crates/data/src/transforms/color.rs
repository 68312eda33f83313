//! Brightness, contrast, saturation and hue of images in `0..=1`, in place: torchvision's formulas.

/// The weights of red, green and blue in grey.
const GREY: [f32; 3] = [0.2989, 0.587, 0.114];

/// `ratio x + (1 - ratio) other`, in `0..=1`.
fn blend(pixel: f32, other: f32, ratio: f32) -> f32 {
    (ratio * pixel + (1.0 - ratio) * other).clamp(0.0, 1.0)
}

/// The three channels of a coloured image, which has `plane` pixels; `None` of a grey one.
fn channels(pixels: &mut [f32], plane: usize) -> Option<[&mut [f32]; 3]> {
    let (red, rest) = pixels.split_at_mut_checked(plane)?;
    let (green, blue) = rest.split_at_mut_checked(plane)?;
    (blue.len() == plane && plane > 0).then_some([red, green, blue])
}

fn grey(red: f32, green: f32, blue: f32) -> f32 {
    GREY[0] * red + GREY[1] * green + GREY[2] * blue
}

pub(super) fn brightness(pixels: &mut [f32], factor: f32) {
    pixels.iter_mut().for_each(|pixel| *pixel = blend(*pixel, 0.0, factor));
}

/// Away from, or towards, the mean of the grey image.
pub(super) fn contrast(pixels: &mut [f32], plane: usize, factor: f32) {
    let sum = match channels(pixels, plane) {
        Some([red, green, blue]) => {
            red.iter().zip(green).zip(blue).map(|((r, g), b)| f64::from(grey(*r, *g, *b))).sum::<f64>()
        }
        None => pixels.iter().map(|&pixel| f64::from(pixel)).sum(),
    };
    let mean = (sum / plane.max(1) as f64) as f32;
    pixels.iter_mut().for_each(|pixel| *pixel = blend(*pixel, mean, factor));
}

/// Away from, or towards, the grey image.
pub(super) fn saturation(pixels: &mut [f32], plane: usize, factor: f32) {
    let Some([red, green, blue]) = channels(pixels, plane) else { return };
    for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
        let grey = grey(*r, *g, *b);
        [*r, *g, *b] = [*r, *g, *b].map(|value| blend(value, grey, factor));
    }
}

/// Round the circle of colours by `turn`, where 1 is the whole circle.
pub(super) fn hue(pixels: &mut [f32], plane: usize, turn: f32) {
    let Some([red, green, blue]) = channels(pixels, plane) else { return };
    for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
        let [hue, saturation, value] = hsv([*r, *g, *b]);
        [*r, *g, *b] = rgb([(hue + turn).rem_euclid(1.0), saturation, value]);
    }
}

/// Hue, saturation and value, each in `0..=1`.
fn hsv([r, g, b]: [f32; 3]) -> [f32; 3] {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    if most == least {
        return [0.0, 0.0, most];
    }
    let range = most - least;
    let [red, green, blue] = [r, g, b].map(|x| (most - x) / range);
    let sixths = if most == r {
        blue - green
    } else if most == g {
        2.0 + red - blue
    } else {
        4.0 + green - red
    };
    [(sixths / 6.0 + 1.0) % 1.0, range / most, most]
}

fn rgb([hue, saturation, value]: [f32; 3]) -> [f32; 3] {
    let sixth = (hue * 6.0).floor();
    let share = hue * 6.0 - sixth;
    let p = (value * (1.0 - saturation)).clamp(0.0, 1.0);
    let q = (value * (1.0 - saturation * share)).clamp(0.0, 1.0);
    let t = (value * (1.0 - saturation * (1.0 - share))).clamp(0.0, 1.0);
    match sixth as u8 % 6 {
        0 => [value, t, p],
        1 => [q, value, p],
        2 => [p, value, t],
        3 => [p, q, value],
        4 => [t, p, value],
        _ => [value, p, q],
    }
}
