//! Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four random numbers for each
//! value of a counter.

use super::simd::{self, Arithmetic, Kernel};

/// Blocks that are computed side by side.
const BLOCKS: usize = 32;
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
        let ([b0, b1], [s0, s1]) = (halves(i / 4), halves(self.stream));
        philox4x32_10([b0, b1, s0, s1], halves(self.seed))[(i % 4) as usize]
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
            copy(draws, &self.blocks(place / 4));
            place = place.wrapping_add(DRAWS as u64);
        }
        if !rest.is_empty() {
            copy(rest, &self.blocks(place / 4));
        }
    }

    /// Draws `4 block ..`, as little-endian pairs.
    #[inline(always)]
    fn blocks(self, block: u64) -> [[u8; 8]; 2 * BLOCKS] {
        // Word w of block b is the lower half of words[w][b]; the upper holds anything, which no product reads.
        // Positions are 64 bits, so blocks are 62.
        let blocks: [u64; BLOCKS] = std::array::from_fn(|b| block.wrapping_add(b as u64) & (u64::MAX / 4));
        let upper = blocks.map(|block| block >> 32);
        let mut words = [blocks, upper, [self.stream; BLOCKS], [self.stream >> 32; BLOCKS]];
        let mut key = halves(self.seed);
        for _ in 0..ROUNDS {
            let [k0, k1] = key.map(u64::from);
            let [w0, w1, w2, w3] = words;
            for b in 0..BLOCKS {
                let (a, c) = ((w0[b] & LOW) * A, (w2[b] & LOW) * C);
                (words[0][b], words[1][b]) = ((c >> 32) ^ w1[b] ^ k0, c);
                (words[2][b], words[3][b]) = ((a >> 32) ^ w3[b] ^ k1, a);
            }
            key = next(key);
        }
        let mut draws = [[0; 8]; 2 * BLOCKS];
        let [w0, w1, w2, w3] = words;
        for b in 0..BLOCKS {
            draws[2 * b] = (w0[b] & LOW | w1[b] << 32).to_le_bytes();
            draws[2 * b + 1] = (w2[b] & LOW | w3[b] << 32).to_le_bytes();
        }
        draws
    }
}

/// The lower 32 bits.
const LOW: u64 = u32::MAX as u64;

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

/// The numbers of a pair each, as many as `out` holds.
#[inline(always)]
fn copy(out: &mut [u32], draws: &[[u8; 8]]) {
    for (out, draw) in out.iter_mut().zip(draws.as_flattened().as_chunks::<4>().0) {
        *out = u32::from_le_bytes(*draw);
    }
}

const ROUNDS: usize = 10;
/// The multipliers.
const A: u64 = 0xD251_1F53;
const C: u64 = 0xCD9E_8D57;

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
    let a = u64::from(counter[0]) * A;
    let b = u64::from(counter[2]) * C;
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
