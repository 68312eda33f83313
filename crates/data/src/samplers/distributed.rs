//! The part of an epoch that one of several processes has.

/// Every `world`-th sample of `order` from `rank` on. All ranks have equally many: the first samples come again at the
/// end, or, where `drop_last`, those that are too many are left out (PyTorch's `DistributedSampler`).
pub(super) fn part(order: &[usize], rank: usize, world: usize, drop_last: bool) -> Vec<usize> {
    let count = len(order.len(), world, drop_last);
    (0..count).map(|i| order[(i * world + rank) % order.len()]).collect()
}

/// How many samples each rank has.
pub(super) fn len(samples: usize, world: usize, drop_last: bool) -> usize {
    if drop_last { samples / world } else { samples.div_ceil(world) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_an_epoch() {
        let order: Vec<usize> = (10..20).collect();
        let parts = |drop_last| [0, 1, 2].map(|rank| part(&order, rank, 3, drop_last));
        assert_eq!(parts(true), [vec![10, 13, 16], vec![11, 14, 17], vec![12, 15, 18]]);
        assert_eq!(parts(false), [vec![10, 13, 16, 19], vec![11, 14, 17, 10], vec![12, 15, 18, 11]]);
        assert_eq!(part(&order[..1], 2, 3, false), [10], "more ranks than samples");
        assert!(part(&[], 0, 2, false).is_empty());
    }
}
