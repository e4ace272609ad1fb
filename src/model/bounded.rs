//! A map that never grows beyond its bound: what was touched longest ago is forgotten first.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

/// Keys with values, in the order they were last put. Every operation takes logarithmic time at most.
#[derive(Debug)]
pub struct Bounded<K, V> {
    entries: HashMap<K, (V, u64)>,
    /// The keys by the number of their last touch.
    order: BTreeMap<u64, K>,
    touches: u64,
    bound: usize,
}

/// Room that is kept even when most of it is empty.
const SMALL: usize = 1024;

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    /// An empty map for at most `bound` keys, and for one at least.
    pub fn new(bound: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), touches: 0, bound: bound.max(1) }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(value, _)| value)
    }

    /// Puts a value and makes its key the youngest. The oldest one goes when there is no room.
    pub fn put(&mut self, key: K, value: V) {
        self.touches += 1;
        if let Some((_, touch)) = self.entries.insert(key.clone(), (value, self.touches)) {
            self.order.remove(&touch);
        } else if self.entries.len() > self.bound
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.entries.remove(&oldest);
        }
        self.order.insert(self.touches, key);
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (value, touch) = self.entries.remove(key)?;
        self.order.remove(&touch);
        Some(value)
    }

    /// Forgets from the oldest on as long as `is_idle` says so, and gives unused memory back.
    pub fn forget_idle(&mut self, is_idle: impl Fn(&V) -> bool) {
        while let Some((touch, key)) = self.order.first_key_value() {
            if !self.entries.get(key).is_none_or(|(value, _)| is_idle(value)) {
                break;
            }
            let touch = *touch;
            if let Some(key) = self.order.remove(&touch) {
                self.entries.remove(&key);
            }
        }
        if self.entries.capacity() > SMALL && self.entries.capacity() / 8 > self.entries.len() {
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Bounded;

    #[test]
    fn the_oldest_goes_first_and_a_touch_makes_young() {
        let mut map = Bounded::new(2);
        map.put("a", 1);
        map.put("b", 2);
        map.put("a", 3);
        map.put("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (Some(&3), None, Some(&4)));
        assert_eq!(map.remove(&"a"), Some(3));
        assert_eq!(map.remove(&"a"), None);
    }

    #[test]
    fn what_is_idle_is_forgotten_and_its_memory_goes_back() {
        let mut map = Bounded::new(100_000);
        for n in 0..100_000 {
            map.put(n, n);
        }
        map.forget_idle(|n| *n < 99_990);
        assert_eq!(map.len(), 10);
        assert!(map.entries.capacity() < 100);
    }

    proptest! {
        #[test]
        fn it_never_grows_beyond_its_bound(steps in prop::collection::vec((0u8..20, any::<bool>()), 0..200), bound in 1usize..8) {
            let mut map = Bounded::new(bound);
            for (key, is_put) in steps {
                if is_put { map.put(key, ()) } else { map.remove(&key); }
                prop_assert!(map.len() <= bound);
                prop_assert_eq!(map.len(), map.order.len());
            }
        }
    }
}
