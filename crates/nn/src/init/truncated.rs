//! The normal distribution cut off.

use std::f64::consts::FRAC_1_SQRT_2;

use gradus_tensor::{Float, Tensor};

use super::uniform;

/// Normal with this mean and standard deviation, drawn again outside `[a, b]`, as it were: the distribution's part
/// between them (PyTorch's `trunc_normal_`, whose `a` and `b` are -2 and 2 by default).
///
/// As in PyTorch the bounds are values, not multiples of the deviation. A range more than some eight deviations from
/// the mean holds nothing to draw from: everything becomes its end that is nearer to the mean.
///
/// # Panics
/// If `a > b`.
#[track_caller]
pub fn trunc_normal<T: Float>(shape: impl AsRef<[usize]>, mean: f64, std: f64, a: f64, b: f64) -> Tensor<T> {
    assert!(a <= b, "trunc_normal: {a} to {b} is no range");
    let below = |x: f64| 0.5 + 0.5 * Tensor::scalar((x - mean) / std * FRAC_1_SQRT_2).erf().item();
    let (low, high) = (below(a), below(b));
    if low == high {
        return Tensor::full(shape, T::from_f64(mean.clamp(a, b)));
    }
    let draws = uniform::<f64>(shape, low, high);
    draws.map(|p| T::from_f64((mean + std * normal_quantile(p)).clamp(a, b)))
}

/// The number below which the share `p` of the standard normal distribution lies, to 1e-15 (Wichura's PPND16, Applied
/// Statistics 37, 1988, algorithm AS 241).
fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE);
    }
    let r = (-p.min(1.0 - p).ln()).sqrt();
    let x = if r <= 5.0 { ratio(r - 1.6, &SIDES) } else { ratio(r - 5.0, &TAILS) };
    if r == f64::INFINITY {
        return r.copysign(q);
    }
    x.copysign(q)
}

/// The quotient of two polynomials.
fn ratio(r: f64, [above, below]: &[[f64; 8]; 2]) -> f64 {
    let value = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * r + c);
    value(above) / value(below)
}

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
];
const SIDES: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];
const TAILS: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch's `special.ndtri`, made exact by three of Newton's steps.
    const QUANTILES: [(f64, f64); 9] = [
        (1e-300, -37.047_096_299_361_2),
        (1e-12, -7.034_483_825_301_132),
        (0.001, -3.090_232_306_167_813_6),
        (0.06, -1.554_773_594_596_853_7),
        (0.2, -0.841_621_233_572_914_2),
        (0.5, 0.0),
        (0.75, 0.674_489_750_196_081_7),
        (0.93, 1.475_791_028_179_171_3),
        (0.999, 3.090_232_306_167_813_6),
    ];

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        for (p, want) in QUANTILES {
            assert!((normal_quantile(p) - want).abs() <= 1e-13 * want.abs(), "{p}: {} not {want}", normal_quantile(p));
        }
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }

    /// The mean and variance of what lies between -1 and 2 deviations, from the density there; and the range.
    #[test]
    fn what_is_cut_off_never_comes() {
        let x = trunc_normal::<f64>([40_000], 1.0, 2.0, -1.0, 5.0);
        let values = x.to_vec();
        assert!(values.iter().all(|x| (-1.0..=5.0).contains(x)));
        let mean = values.iter().sum::<f64>() / 40_000.0;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0;
        // 1 + 2 (p(-1) - p(2)) / (P(2) - P(-1)), and 4 times the variance of the standard one.
        assert!((mean - 1.459_274).abs() < 0.03 && (variance - 2.079_050).abs() < 0.05, "{mean} {variance}");
        assert_eq!(trunc_normal::<f32>([3], 0.0, 1.0, 20.0, 21.0).to_vec(), [20.0; 3]);
    }
}
