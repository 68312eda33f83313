//! Which pairs are joined, in which order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use crate::tokens::bpe::{BYTES, join};

type Pair = (u32, u32);

/// The words of a text with how often each comes, and where its pairs are.
struct Corpus {
    words: Vec<(Vec<u32>, u64)>,
    counts: HashMap<Pair, u64>,
    /// Words that hold a pair, or held it once.
    places: HashMap<Pair, HashSet<usize>>,
}

/// The pairs to join, at most `count`, none that comes only once.
pub(super) fn merges<'a>(words: impl Iterator<Item = &'a str>, count: usize) -> Vec<Pair> {
    let mut corpus = Corpus::of(words);
    // The most frequent first, of equals the one with the smaller tokens. Counts in it may be out of date, and never
    // too small but for pairs that are put in again.
    let mut queue: BinaryHeap<(u64, Reverse<Pair>)> =
        corpus.counts.iter().map(|(&pair, &count)| (count, Reverse(pair))).collect();
    let mut merges = Vec::new();
    while merges.len() < count {
        let Some((queued, Reverse(pair))) = queue.pop() else { break };
        let now = corpus.counts.get(&pair).copied().unwrap_or(0);
        if now < 2 {
            continue;
        }
        if now != queued {
            queue.push((now, Reverse(pair)));
            continue;
        }
        let token = (BYTES + merges.len()) as u32;
        merges.push(pair);
        for changed in corpus.join(pair, token) {
            if let Some(&count) = corpus.counts.get(&changed) {
                queue.push((count, Reverse(changed)));
            }
        }
    }
    merges
}

impl Corpus {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut distinct: BTreeMap<&str, u64> = BTreeMap::new();
        for word in words {
            *distinct.entry(word).or_default() += 1;
        }
        let words = distinct.into_iter().map(|(word, count)| (word.bytes().map(u32::from).collect(), count)).collect();
        let mut corpus = Self { words, counts: HashMap::new(), places: HashMap::new() };
        for place in 0..corpus.words.len() {
            corpus.count(place);
        }
        corpus
    }

    /// Counts the pairs of a word; those it has.
    fn count(&mut self, place: usize) -> Vec<Pair> {
        let (word, times) = &self.words[place];
        let pairs: Vec<Pair> = word.windows(2).map(|pair| (pair[0], pair[1])).collect();
        for &pair in &pairs {
            *self.counts.entry(pair).or_default() += times;
            self.places.entry(pair).or_default().insert(place);
        }
        pairs
    }

    /// Takes the pairs of a word out of the counts.
    fn uncount(&mut self, place: usize) {
        let (word, times) = &self.words[place];
        for pair in word.windows(2) {
            let count = self.counts.get_mut(&(pair[0], pair[1])).expect("it was counted");
            *count -= times;
        }
    }

    /// Joins a pair in all words; the pairs of those words.
    fn join(&mut self, pair: Pair, token: u32) -> HashSet<Pair> {
        let mut changed = HashSet::new();
        for place in self.places.remove(&pair).unwrap_or_default() {
            self.uncount(place);
            join(&mut self.words[place].0, pair, token);
            changed.extend(self.count(place));
        }
        self.counts.remove(&pair);
        changed
    }
}
