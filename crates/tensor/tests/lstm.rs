//! The LSTM against its formulas, a number at a time, in f64.

use gradus_tensor::random::Generator;
use gradus_tensor::{Float, LstmStates, Tensor};

/// Sequence, matrices, bias, first states, and the gradients of the output and of the last states.
struct Problem {
    x: Tensor<f64>,
    weight_ih: Tensor<f64>,
    weight_hh: Tensor<f64>,
    bias: Tensor<f64>,
    first: [Tensor<f64>; 2],
    d_out: Tensor<f64>,
    d_last: [Tensor<f64>; 2],
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The output, then the gradients of x, W_ih, W_hh, b, h_0 and c_0.
fn naive(problem: &Problem) -> Vec<Tensor<f64>> {
    let Problem { x, weight_ih, weight_hh, bias, first, d_out, d_last } = problem;
    let ([batch, time, inputs], hidden) = ([0, 1, 2].map(|d| x.shape()[d]), weight_hh.shape()[1]);
    let mut out = Tensor::zeros([batch, time, hidden]);
    let mut dx = Tensor::zeros([batch, time, inputs]);
    let [mut d_ih, mut d_hh] = [inputs, hidden].map(|n| vec![0.0; 4 * hidden * n]);
    let mut d_bias = vec![0.0; 4 * hidden];
    let mut d_first = [0, 1].map(|_| vec![0.0; batch * hidden]);
    for b in 0..batch {
        let row = |x: &Tensor<f64>| (0..hidden).map(|u| x.at(&[b, u])).collect::<Vec<f64>>();
        let (mut hs, mut cs, mut gates) = (vec![row(&first[0])], vec![row(&first[1])], Vec::new());
        for t in 0..time {
            let z: Vec<f64> = (0..4 * hidden)
                .map(|r| {
                    let from_x: f64 = (0..inputs).map(|i| weight_ih.at(&[r, i]) * x.at(&[b, t, i])).sum();
                    from_x + (0..hidden).map(|u| weight_hh.at(&[r, u]) * hs[t][u]).sum::<f64>() + bias.at(&[r])
                })
                .collect();
            let gate: Vec<f64> =
                z.iter().enumerate().map(|(r, &z)| if r / hidden == 2 { z.tanh() } else { sigmoid(z) }).collect();
            let c: Vec<f64> =
                (0..hidden).map(|u| gate[hidden + u] * cs[t][u] + gate[u] * gate[2 * hidden + u]).collect();
            let h: Vec<f64> = (0..hidden).map(|u| gate[3 * hidden + u] * c[u].tanh()).collect();
            out.as_mut_slice()[(b * time + t) * hidden..][..hidden].copy_from_slice(&h);
            hs.push(h);
            cs.push(c);
            gates.push(gate);
        }
        let (mut dh, mut dc) = (row(&d_last[0]), row(&d_last[1]));
        for t in (0..time).rev() {
            let mut dz = vec![0.0; 4 * hidden];
            for u in 0..hidden {
                let [i, f, g, o] = [0, 1, 2, 3].map(|k| gates[t][k * hidden + u]);
                let (dh, tanh) = (dh[u] + d_out.at(&[b, t, u]), cs[t + 1][u].tanh());
                let dc_here = dc[u] + dh * o * (1.0 - tanh * tanh);
                dz[u] = dc_here * g * i * (1.0 - i);
                dz[hidden + u] = dc_here * cs[t][u] * f * (1.0 - f);
                dz[2 * hidden + u] = dc_here * i * (1.0 - g * g);
                dz[3 * hidden + u] = dh * tanh * o * (1.0 - o);
                dc[u] = dc_here * f;
            }
            for (r, dz) in dz.iter().enumerate() {
                (0..inputs).for_each(|i| d_ih[r * inputs + i] += dz * x.at(&[b, t, i]));
                (0..hidden).for_each(|u| d_hh[r * hidden + u] += dz * hs[t][u]);
                d_bias[r] += dz;
            }
            for i in 0..inputs {
                let sum = (0..4 * hidden).map(|r| dz[r] * weight_ih.at(&[r, i])).sum();
                dx.as_mut_slice()[(b * time + t) * inputs + i] = sum;
            }
            dh = (0..hidden).map(|u| (0..4 * hidden).map(|r| dz[r] * weight_hh.at(&[r, u])).sum()).collect();
        }
        d_first[0][b * hidden..][..hidden].copy_from_slice(&dh);
        d_first[1][b * hidden..][..hidden].copy_from_slice(&dc);
    }
    let [dh, dc] = d_first.map(|d| Tensor::from_vec(d, [batch, hidden]));
    let (d_ih, d_hh) = (Tensor::from_vec(d_ih, [4 * hidden, inputs]), Tensor::from_vec(d_hh, [4 * hidden, hidden]));
    vec![out, dx, d_ih, d_hh, Tensor::from_vec(d_bias, [4 * hidden]), dh, dc]
}

fn check<T: Float>([batch, time, inputs, hidden]: [usize; 4], tolerance: f64) {
    let mut generator = Generator::new((batch + time + inputs + hidden) as u64, 0);
    let mut draw = |shape: &[usize], scale: f64| generator.normal::<T>(shape, 0.0, scale);
    let scale = 0.7 / (hidden.max(1) as f64).sqrt();
    // Time first in memory, with room between rows.
    let x = draw(&[time, batch, inputs + 1], 1.0).transpose(0, 1).slice(2, 0..inputs);
    let d_out = draw(&[hidden + 2, time, batch], 1.0).permute(&[2, 1, 0]).slice(2, 1..hidden + 1);
    let (weight_ih, weight_hh) = (draw(&[4 * hidden, inputs], 0.3), draw(&[hidden, 4 * hidden], scale).transpose(0, 1));
    let (bias, first) = (draw(&[4 * hidden], 0.5), [0, 1].map(|_| draw(&[batch, hidden], 1.0)));
    let d_last = [0, 1].map(|_| draw(&[batch, hidden], 1.0));
    let wide = |x: &Tensor<T>| x.cast::<f64>();
    let want = naive(&Problem {
        x: wide(&x),
        weight_ih: wide(&weight_ih),
        weight_hh: wide(&weight_hh),
        bias: wide(&bias),
        first: first.each_ref().map(wide),
        d_out: wide(&d_out),
        d_last: d_last.each_ref().map(wide),
    });
    let states: LstmStates<T> = x.lstm((&weight_ih, &weight_hh), Some(&bias), Some((&first[0], &first[1])));
    let last = [&d_last[0], &d_last[1]].map(Some);
    let d = states.gradients((&weight_ih, &weight_hh), Some(&d_out), last, true);
    assert_eq!(states.hiddens.slice(0, 1..time + 1).transpose(0, 1), states.output);
    let got = [states.output, d.input.unwrap(), d.weight_ih, d.weight_hh, d.bias, d.hidden, d.cell];
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        let case = format!("{batch} x {time} x {inputs} -> {hidden}, result {i}");
        assert_eq!(got.shape(), want.shape(), "{case}");
        assert_close(&wide(got), want, tolerance, &case);
    }
}

/// No element is further from that of `want` than `tolerance` times the largest, or 1; NaN is nowhere.
#[track_caller]
fn assert_close(got: &Tensor<f64>, want: &Tensor<f64>, tolerance: f64, case: &str) {
    let bound = tolerance * want.to_vec().iter().fold(1.0, |size: f64, x| size.max(x.abs()));
    for (i, (x, y)) in got.to_vec().iter().zip(want.to_vec()).enumerate() {
        assert!((x - y).abs() <= bound, "{case}: {x} at {i}, not {y}");
    }
}

/// Sizes around those of a piece (64 rows, 64 units), primes, ones and zeros.
#[test]
fn the_lstm_follows_its_formulas() {
    for sizes in [
        [1, 1, 1, 1],
        [2, 3, 4, 5],
        [3, 7, 2, 17],
        [5, 2, 3, 64],
        [2, 3, 1, 65],
        [65, 2, 3, 7],
        [66, 2, 5, 131],
        [0, 2, 3, 4],
        [2, 2, 0, 3],
        [2, 2, 3, 0],
    ]
    .into_iter()
    .filter(|sizes| !cfg!(miri) || sizes.iter().product::<usize>() < 500)
    {
        check::<f32>(sizes, 2e-5);
        check::<f64>(sizes, 1e-12);
    }
}

#[test]
#[should_panic(expected = "lstm: input [2, 0, 3] and weights [8, 3] and [8, 2] do not fit")]
fn a_sequence_has_a_step() {
    Tensor::<f32>::zeros([2, 0, 3]).lstm((&Tensor::zeros([8, 3]), &Tensor::zeros([8, 2])), None, None);
}
