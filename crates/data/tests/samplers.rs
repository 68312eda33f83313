//! Samplers in a loader: what they refuse, and what a saved position tells apart.

use std::sync::Arc;

use gradus_data::{DataLoader, Sampler, TensorDataset};
use gradus_tensor::Tensor;

fn dataset() -> TensorDataset {
    TensorDataset::new(Tensor::zeros([10, 1]), Tensor::arange(10)).unwrap()
}

fn samplers() -> Vec<Sampler> {
    let distributed =
        |rank, drop_last| Sampler::Distributed { of: Box::new(Sampler::Random), rank, world: 3, drop_last };
    let bucketed = |window| Sampler::Bucketed { lengths: (0..10).collect(), batch_size: 4, window };
    let weighted = |first: f64| Sampler::Weighted { weights: [first; 10].into(), draws: 7 };
    vec![
        Sampler::Sequential,
        Sampler::Random,
        Sampler::Replacement { draws: 12 },
        weighted(1.0),
        weighted(2.0),
        Sampler::Repeated { times: 2 },
        Sampler::Repeated { times: 3 },
        Sampler::Order(Arc::from([3, 1, 3])),
        Sampler::Order(Arc::from([3, 1, 2])),
        bucketed(1),
        bucketed(2),
        distributed(0, false),
        distributed(1, false),
        distributed(1, true),
    ]
}

#[test]
fn a_position_fits_the_loader_with_the_same_sampler_alone() {
    let build = |sampler: &Sampler| DataLoader::builder(dataset()).batch_size(4).sampler(sampler.clone()).build();
    for (i, sampler) in samplers().iter().enumerate() {
        let loader = build(sampler).unwrap();
        let whole: Vec<_> = loader.iter().map(|batch| batch.unwrap().targets.to_vec()).collect();
        assert_eq!(whole.iter().map(Vec::len).sum::<usize>(), sampler.len(10));
        loader.iter().next();
        for (j, other) in samplers().iter().enumerate() {
            let fits = build(other).unwrap().set_state(&loader.state()).is_ok();
            assert_eq!(fits, i == j, "{sampler:?} and {other:?}");
        }
    }
}

#[test]
fn a_sampler_of_another_dataset_is_named() {
    let check = |sampler: Sampler, want: &str| {
        let error = DataLoader::builder(dataset()).sampler(sampler).build().unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    };
    let weights = |weights: &[f64]| Sampler::Weighted { weights: weights.into(), draws: 1 };
    check(weights(&[1.0; 9]), "9 weights for 10 samples");
    check(weights(&[0.0; 10]), "not all of them 0");
    check(weights(&[f64::NAN; 10]), "finite numbers");
    check(Sampler::Order(Arc::from([10])), "sample 10");
    check(Sampler::Bucketed { lengths: Arc::from([1]), batch_size: 1, window: 1 }, "1 lengths for 10 samples");
    check(Sampler::Bucketed { lengths: (0..10).collect(), batch_size: 0, window: 1 }, "batch_size = 0");
    let distributed = |rank| Sampler::Distributed { of: Box::new(Sampler::Random), rank, world: 2, drop_last: false };
    check(distributed(2), "rank = 2 of 2");
}
