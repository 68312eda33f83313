//! Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four random numbers for each
//! value of a counter.

use super::simd::{self, Arithmetic, Kernel};

/// Blocks that are computed side by side.
const BLOCKS: usize = 16;
/// Draws of so many blocks.
const DRAWS: usize = 4 * BLOCKS;

/// The numbers of a stream: the key and the upper half of the counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Philox {
    pub(crate) seed: u64,
    pub(crate) stream: u64,
}

impl Philox {
    /// Draw `i`.
    pub(crate) fn draw(self, i: u64) -> u32 {
        philox4x32_10(self.counter(i / 4), halves(self.seed))[(i % 4) as usize]
    }

    /// `out[i]` = draw `first + i`.
    pub(crate) fn fill(self, first: u64, out: &mut [u32]) {
        simd::dispatch(Fill { philox: self, first, out });
    }

    /// [`fill`](Self::fill), for use inside a [`Kernel`].
    #[inline(always)]
    pub(crate) fn fill_inline(self, first: u64, out: &mut [u32]) {
        let mut place = first;
        // A first block that is not wholly wanted, whole blocks, and the rest.
        let (head, out) = out.split_at_mut(((4 - first % 4) % 4).min(out.len() as u64) as usize);
        for x in head {
            *x = self.draw(place);
            place = place.wrapping_add(1);
        }
        let (whole, rest) = out.as_chunks_mut::<DRAWS>();
        for draws in whole {
            *draws = self.blocks(place / 4);
            place = place.wrapping_add(DRAWS as u64);
        }
        if !rest.is_empty() {
            rest.copy_from_slice(&self.blocks(place / 4)[..rest.len()]);
        }
    }

    #[inline(always)]
    fn counter(self, block: u64) -> [u32; 4] {
        let ([b0, b1], [s0, s1]) = (halves(block), halves(self.stream));
        [b0, b1, s0, s1]
    }

    /// Draws `4 block ..`.
    #[inline(always)]
    fn blocks(self, block: u64) -> [u32; DRAWS] {
        // Structure of arrays: word w of counter b is counters[w][b].
        let mut counters = [[0u32; BLOCKS]; 4];
        for b in 0..BLOCKS {
            // Positions are 64 bits, so blocks are 62.
            let counter = self.counter(block.wrapping_add(b as u64) & (u64::MAX / 4));
            for w in 0..4 {
                counters[w][b] = counter[w];
            }
        }
        let mut key = halves(self.seed);
        for _ in 0..ROUNDS {
            let [c0, c1, c2, c3] = counters;
            for b in 0..BLOCKS {
                let [d0, d1, d2, d3] = round([c0[b], c1[b], c2[b], c3[b]], key);
                (counters[0][b], counters[1][b], counters[2][b], counters[3][b]) = (d0, d1, d2, d3);
            }
            key = next(key);
        }
        let mut draws = [0; DRAWS];
        for b in 0..BLOCKS {
            for w in 0..4 {
                draws[4 * b + w] = counters[w][b];
            }
        }
        draws
    }
}

struct Fill<'a> {
    philox: Philox,
    first: u64,
    out: &'a mut [u32],
}

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.philox.fill_inline(self.first, self.out);
    }
}

const ROUNDS: usize = 10;

#[inline(always)]
fn philox4x32_10(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        counter = round(counter, key);
        key = next(key);
    }
    counter
}

#[inline(always)]
fn round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let a = u64::from(counter[0]) * 0xD251_1F53;
    let b = u64::from(counter[2]) * 0xCD9E_8D57;
    [(b >> 32) as u32 ^ counter[1] ^ key[0], b as u32, (a >> 32) as u32 ^ counter[3] ^ key[1], a as u32]
}

#[inline(always)]
fn next(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)]
}

#[inline(always)]
fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with Random123, the paper's code (`kat_vectors`).
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox4x32_10([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox4x32_10([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn draws_side_by_side_are_single_draws() {
        let philox = Philox { seed: 0x1234_5678_9abc_def0, stream: 77 };
        // The last first is where the counter's low word, and where the position itself, wraps.
        for first in [0, 1, 2, 3, 4, 63, (4 << 32) - 70, u64::MAX - 70] {
            for n in [0, 1, 2, 3, 5, 63, 64, 65, 200] {
                let mut got = vec![0; n];
                philox.fill(first, &mut got);
                let want: Vec<u32> = (0..n).map(|i| philox.draw(first.wrapping_add(i as u64))).collect();
                assert_eq!(got, want, "{n} from {first}");
            }
        }
    }
}
