//! Images turned, moved, scaled and sheared: where each pixel comes from, and what lies there.

use crate::transforms::Image;

/// A map of the plane around the image's middle, in degrees and pixels (torchvision's `affine`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    /// Clockwise.
    pub(super) angle: f64,
    /// To the right and down.
    pub(super) translate: [f64; 2],
    pub(super) scale: f64,
    /// Along x and along y, clockwise.
    pub(super) shear: [f64; 2],
}

impl Affine {
    /// Where the point `(x, y)` around the middle comes from: `a x + b y + c` and `d x + e y + f`.
    fn inverse(&self) -> [f64; 6] {
        let rotation = self.angle.to_radians();
        let [shear_x, shear_y] = self.shear.map(f64::to_radians);
        let a = (rotation - shear_y).cos() / shear_y.cos();
        let b = -(rotation - shear_y).cos() * shear_x.tan() / shear_y.cos() - rotation.sin();
        let c = (rotation - shear_y).sin() / shear_y.cos();
        let d = -(rotation - shear_y).sin() * shear_x.tan() / shear_y.cos() + rotation.cos();
        let [a, b, c, d] = [d, -b, -c, a].map(|value| value / self.scale);
        let [x, y] = self.translate;
        [a, b, -a * x - b * y, c, d, -c * x - d * y]
    }

    /// Writes the image as this map makes it, bilinear; what comes from outside is `fill`.
    ///
    /// At the edges the formula is torchvision's: `s m + (1 - m) fill` where `s` is the sum of the four pixels by their
    /// weights, 0 outside, and `m` the sum of the weights inside.
    pub(super) fn apply(&self, image: Image<'_>, out: &mut [f32], fill: f32) {
        let [_, height, width] = image.shape();
        let plane = height * width;
        let map = self.inverse();
        let middle = [width, height].map(|side| (side as f64 - 1.0) / 2.0);
        for at in 0..plane {
            let (x, y) = ((at % width) as f64 - middle[0], (at / width) as f64 - middle[1]);
            let from_x = map[0] * x + map[1] * y + map[2] + middle[0];
            let from_y = map[3] * x + map[4] * y + map[5] + middle[1];
            let corners = corners([from_x, from_y], [width, height]);
            let inside: f32 = corners.iter().map(|&(_, weight)| weight).sum();
            for (channel, out) in out.chunks_exact_mut(plane).enumerate() {
                let pixels = image.plane(channel);
                let sum: f32 = corners.iter().map(|&(place, weight)| weight * pixels[place]).sum();
                out[at] = sum * inside + (1.0 - inside) * fill;
            }
        }
    }
}

/// The four pixels around a point with their weights; those outside are pixel 0 with weight 0.
fn corners([x, y]: [f64; 2], [width, height]: [usize; 2]) -> [(usize, f32); 4] {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, lower)| {
        let (column, row) = (left + f64::from(right), top + f64::from(lower));
        let is_inside = column >= 0.0 && column < width as f64 && row >= 0.0 && row < height as f64;
        if !is_inside {
            return (0, 0.0);
        }
        let share = |upper: i32, share: f64| if upper == 1 { share } else { 1.0 - share };
        let weight = share(right, right_share) * share(lower, lower_share);
        (row as usize * width + column as usize, weight as f32)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn quarter_turns_and_whole_steps_move_pixels() {
        let pixels: Vec<f32> = (1..=9).map(|x| x as f32).collect();
        let still = Affine { angle: 0.0, translate: [0.0; 2], scale: 1.0, shear: [0.0; 2] };
        let check = |affine: Affine, want: [f32; 9]| {
            let mut out = [f32::NAN; 9];
            affine.apply(Image::new(&pixels, [1, 3, 3]), &mut out, -1.0);
            let close = out.iter().zip(want).all(|(out, want)| (out - want).abs() < 1e-5);
            assert!(close, "{affine:?}: {out:?}, not {want:?}");
        };
        check(still, [1., 2., 3., 4., 5., 6., 7., 8., 9.]);
        check(Affine { angle: 90.0, ..still }, [7., 4., 1., 8., 5., 2., 9., 6., 3.]);
        check(Affine { angle: 180.0, ..still }, [9., 8., 7., 6., 5., 4., 3., 2., 1.]);
        check(Affine { translate: [1.0, 0.0], ..still }, [-1., 1., 2., -1., 4., 5., -1., 7., 8.]);
        check(Affine { translate: [0.0, -1.0], ..still }, [4., 5., 6., 7., 8., 9., -1., -1., -1.]);
        check(Affine { scale: 2.0, ..still }, [3., 3.5, 4., 4.5, 5., 5.5, 6., 6.5, 7.]);
    }
}
