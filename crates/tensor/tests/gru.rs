//! The GRU against its formulas, a number at a time, in f64.

use gradus_tensor::random::Generator;
use gradus_tensor::{Float, Tensor};

/// Sequence, matrices, biases, first state, and the gradients of the output and of the last state.
struct Problem {
    x: Tensor<f64>,
    weight_ih: Tensor<f64>,
    weight_hh: Tensor<f64>,
    biases: [Tensor<f64>; 2],
    first: Tensor<f64>,
    d_out: Tensor<f64>,
    d_last: Tensor<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The output, then the gradients of x, W_ih, W_hh, b_ih, b_hh and h_0.
fn naive(problem: &Problem) -> Vec<Tensor<f64>> {
    let Problem { x, weight_ih, weight_hh, biases, first, d_out, d_last } = problem;
    let ([batch, time, inputs], hidden) = ([0, 1, 2].map(|d| x.shape()[d]), weight_hh.shape()[1]);
    let mut out = Tensor::zeros([batch, time, hidden]);
    let mut dx = Tensor::zeros([batch, time, inputs]);
    let [mut d_ih, mut d_hh] = [inputs, hidden].map(|n| vec![0.0; 3 * hidden * n]);
    let mut d_bias = [0, 1].map(|_| vec![0.0; 3 * hidden]);
    let mut d_first = vec![0.0; batch * hidden];
    for b in 0..batch {
        let row = |x: &Tensor<f64>| (0..hidden).map(|u| x.at(&[b, u])).collect::<Vec<f64>>();
        let (mut hs, mut gates) = (vec![row(first)], Vec::new());
        for t in 0..time {
            let from_x = |r: usize| {
                (0..inputs).map(|i| weight_ih.at(&[r, i]) * x.at(&[b, t, i])).sum::<f64>() + biases[0].at(&[r])
            };
            let from_h =
                |r: usize| (0..hidden).map(|u| weight_hh.at(&[r, u]) * hs[t][u]).sum::<f64>() + biases[1].at(&[r]);
            let gate: Vec<[f64; 4]> = (0..hidden)
                .map(|u| {
                    let [r, z] = [u, hidden + u].map(|row| sigmoid(from_x(row) + from_h(row)));
                    let q = from_h(2 * hidden + u);
                    [r, z, (from_x(2 * hidden + u) + r * q).tanh(), q]
                })
                .collect();
            let h: Vec<f64> = gate.iter().zip(&hs[t]).map(|([_, z, n, _], h)| (1.0 - z) * n + z * h).collect();
            out.as_mut_slice()[(b * time + t) * hidden..][..hidden].copy_from_slice(&h);
            hs.push(h);
            gates.push(gate);
        }
        let mut dh = row(d_last);
        for t in (0..time).rev() {
            let (mut from_x, mut from_h, mut past) = (vec![0.0; 3 * hidden], vec![0.0; 3 * hidden], vec![0.0; hidden]);
            for u in 0..hidden {
                let [r, z, n, q] = gates[t][u];
                let dh = dh[u] + d_out.at(&[b, t, u]);
                let dn = dh * (1.0 - z) * (1.0 - n * n);
                let [dr, dz] = [dn * q * r * (1.0 - r), dh * (hs[t][u] - n) * z * (1.0 - z)];
                for (part, [by_x, by_h]) in [[dr, dr], [dz, dz], [dn, dn * r]].into_iter().enumerate() {
                    (from_x[part * hidden + u], from_h[part * hidden + u]) = (by_x, by_h);
                }
                past[u] = dh * z;
            }
            for r in 0..3 * hidden {
                (0..inputs).for_each(|i| d_ih[r * inputs + i] += from_x[r] * x.at(&[b, t, i]));
                (0..hidden).for_each(|u| d_hh[r * hidden + u] += from_h[r] * hs[t][u]);
                d_bias[0][r] += from_x[r];
                d_bias[1][r] += from_h[r];
            }
            for i in 0..inputs {
                let sum = (0..3 * hidden).map(|r| from_x[r] * weight_ih.at(&[r, i])).sum();
                dx.as_mut_slice()[(b * time + t) * inputs + i] = sum;
            }
            let through = |u: usize| (0..3 * hidden).map(|r| from_h[r] * weight_hh.at(&[r, u])).sum::<f64>();
            dh = past.iter().enumerate().map(|(u, past)| past + through(u)).collect();
        }
        d_first[b * hidden..][..hidden].copy_from_slice(&dh);
    }
    let (d_ih, d_hh) = (Tensor::from_vec(d_ih, [3 * hidden, inputs]), Tensor::from_vec(d_hh, [3 * hidden, hidden]));
    let [b_ih, b_hh] = d_bias.map(|d| Tensor::from_vec(d, [3 * hidden]));
    vec![out, dx, d_ih, d_hh, b_ih, b_hh, Tensor::from_vec(d_first, [batch, hidden])]
}

fn check<T: Float>([batch, time, inputs, hidden]: [usize; 4], tolerance: f64) {
    let mut generator = Generator::new((batch + time + inputs + hidden) as u64, 0);
    let mut draw = |shape: &[usize], scale: f64| generator.normal::<T>(shape, 0.0, scale);
    let scale = 0.7 / (hidden.max(1) as f64).sqrt();
    // Time first in memory, with room between rows.
    let x = draw(&[time, batch, inputs + 1], 1.0).transpose(0, 1).slice(2, 0..inputs);
    let d_out = draw(&[hidden + 2, time, batch], 1.0).permute(&[2, 1, 0]).slice(2, 1..hidden + 1);
    let (weight_ih, weight_hh) = (draw(&[3 * hidden, inputs], 0.3), draw(&[hidden, 3 * hidden], scale).transpose(0, 1));
    let (biases, first) = ([0, 1].map(|_| draw(&[3 * hidden], 0.5)), draw(&[batch, hidden], 1.0));
    let d_last = draw(&[batch, hidden], 1.0);
    let wide = |x: &Tensor<T>| x.cast::<f64>();
    let want = naive(&Problem {
        x: wide(&x),
        weight_ih: wide(&weight_ih),
        weight_hh: wide(&weight_hh),
        biases: biases.each_ref().map(wide),
        first: wide(&first),
        d_out: wide(&d_out),
        d_last: wide(&d_last),
    });
    let weights = (&weight_ih, &weight_hh);
    let states = x.gru(weights, Some((&biases[0], &biases[1])), Some(&first));
    let d = states.gradients(weights, Some(&d_out), Some(&d_last), true);
    assert_eq!(states.hiddens.slice(0, 1..time + 1).transpose(0, 1), states.output);
    let got = [states.output, d.input.unwrap(), d.weight_ih, d.weight_hh, d.bias_ih, d.bias_hh, d.hidden];
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
fn the_gru_follows_its_formulas() {
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
#[should_panic(expected = "gru: input [2, 0, 3] and weights [6, 3] and [6, 2] do not fit")]
fn a_sequence_has_a_step() {
    Tensor::<f32>::zeros([2, 0, 3]).gru((&Tensor::zeros([6, 3]), &Tensor::zeros([6, 2])), None, None);
}

#[test]
#[should_panic(expected = "gru: a bias of shape [8] for 6 gates")]
fn biases_fit() {
    let bias = (&Tensor::zeros([6]), &Tensor::zeros([8]));
    Tensor::<f32>::zeros([2, 1, 3]).gru((&Tensor::zeros([6, 3]), &Tensor::zeros([6, 2])), Some(bias), None);
}
