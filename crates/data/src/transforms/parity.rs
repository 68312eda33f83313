//! The parts of transforms that are not random, against torchvision's (tests/fixtures/torchvision_transforms.py).

use std::path::Path;

use gradus_tensor::Tensor;

use crate::sources::npy::npz::NpzReader;
use crate::transforms::affine::Affine;
use crate::transforms::center_crop::CenterCrop;
use crate::transforms::normalize::Normalize;
use crate::transforms::{Image, Resize, applied, color};

const PLANE: usize = 9 * 7;

struct Torchvision(NpzReader);

impl Torchvision {
    fn open() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/torchvision.npz");
        Self(NpzReader::open(path).unwrap())
    }

    fn image(&mut self) -> Vec<f32> {
        self.0.read::<f32>("image").unwrap().to_vec()
    }

    fn check(&mut self, name: &str, got: &[f32]) {
        let want: Tensor<f32> = self.0.read(name).unwrap();
        let (want, shape) = (want.to_vec(), want.shape().to_vec());
        assert_eq!(got.len(), want.len(), "{name}: {shape:?}");
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert!((got - want).abs() < 2e-6, "{name}, element {i} of {shape:?}: {got}, not {want}");
        }
    }
}

#[test]
fn sizes_crops_and_scales_are_torchvisions() {
    let mut torchvision = Torchvision::open();
    let image = torchvision.image();
    for (height, width) in [(4, 3), (9, 7), (12, 20), (1, 1), (5, 30)] {
        let (got, _) = applied(&Resize::new(height, width), &image, [3, 9, 7], 0);
        torchvision.check(&format!("resize-{height}-{width}"), &got);
    }
    torchvision.check("center", &applied(&CenterCrop::new(4, 4), &image, [3, 9, 7], 0).0);
    let normalize = Normalize::new(&[0.1, 0.5, 0.9], &[0.25, 1.0, 3.0]);
    torchvision.check("normalize", &applied(&normalize, &image, [3, 9, 7], 0).0);
}

#[test]
fn affine_maps_are_torchvisions() {
    let mut torchvision = Torchvision::open();
    let image = torchvision.image();
    let mut check = |name, angle, translate, scale, shear| {
        let mut out = vec![f32::NAN; image.len()];
        Affine { angle, translate, scale, shear }.apply(Image::new(&image, [3, 9, 7]), &mut out, 0.25);
        torchvision.check(name, &out);
    };
    check("affine-0", 30.0, [0.0, 0.0], 1.0, [0.0, 0.0]);
    check("affine-1", -75.5, [2.0, -1.0], 0.8, [0.0, 0.0]);
    check("affine-2", 12.0, [1.0, 3.0], 1.7, [20.0, -10.0]);
}

#[test]
fn colours_are_torchvisions() {
    let mut torchvision = Torchvision::open();
    let image = torchvision.image();
    let mut check = |name: String, channels: usize, change: &dyn Fn(&mut [f32])| {
        let mut pixels = image[..channels * PLANE].to_vec();
        change(&mut pixels);
        torchvision.check(&name, &pixels);
    };
    for factor in [0.4, 1.6] {
        check(format!("brightness-{factor}"), 3, &|pixels| color::brightness(pixels, factor));
        check(format!("contrast-{factor}"), 3, &|pixels| color::contrast(pixels, PLANE, factor));
        check(format!("saturation-{factor}"), 3, &|pixels| color::saturation(pixels, PLANE, factor));
        check(format!("grey-contrast-{factor}"), 1, &|pixels| color::contrast(pixels, PLANE, factor));
    }
    for turn in [-0.5, -0.2, 0.3] {
        check(format!("hue-{turn}"), 3, &|pixels| color::hue(pixels, PLANE, turn));
    }
}
