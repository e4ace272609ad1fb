//! The order of a merged list.

use std::collections::{HashMap, HashSet};

/// The keys of a list in its three versions, and which of them stay.
pub struct Orders<'a> {
    lists: [Vec<&'a str>; 3],
    kept: HashSet<&'a str>,
    in_base: HashSet<&'a str>,
    /// Kept and in both sides: only their order can be disputed.
    shared: HashSet<&'a str>,
}

impl<'a> Orders<'a> {
    pub fn new(lists: [Vec<&'a str>; 3], kept: impl Iterator<Item = &'a str>) -> Self {
        let [in_base, in_current, in_proposed] = lists.each_ref().map(|l| l.iter().copied().collect::<HashSet<_>>());
        let kept: HashSet<&str> = kept.collect();
        let is_shared = |key: &&str| in_current.contains(key) && in_proposed.contains(key);
        let shared = kept.iter().copied().filter(is_shared).collect();
        Self { lists, kept, in_base, shared }
    }

    /// The whole lists: base, current, proposed.
    pub fn whole(&self) -> [&[&'a str]; 3] {
        self.lists.each_ref().map(Vec::as_slice)
    }

    pub fn base(&self) -> Vec<&'a str> {
        self.shared_of(0)
    }

    pub fn current(&self) -> Vec<&'a str> {
        self.shared_of(1)
    }

    pub fn proposed(&self) -> Vec<&'a str> {
        self.shared_of(2)
    }

    /// The kept ones of a chosen order.
    pub fn chosen<'b>(&self, keys: impl Iterator<Item = &'b str>) -> Vec<&'a str> {
        let mut seen = HashSet::new();
        keys.filter_map(|key| self.kept.get(key).copied()).filter(|key| seen.insert(*key)).collect()
    }

    fn shared_of(&self, list: usize) -> Vec<&'a str> {
        self.lists.get(list).into_iter().flatten().copied().filter(|key| self.shared.contains(key)).collect()
    }

    /// The order of what both sides have; `None` when both changed it, and differently.
    pub fn agreed(&self) -> Option<Vec<&'a str>> {
        let (base, current, proposed) = (self.base(), self.current(), self.proposed());
        if current == proposed {
            return Some(current);
        }
        let old = |keys: &[&'a str]| keys.iter().copied().filter(|k| self.in_base.contains(k)).collect::<Vec<_>>();
        let (here, there) = (old(&current), old(&proposed));
        if here == there {
            // They differ in where they put the items that both added.
            Some(here)
        } else if base == here {
            Some(proposed)
        } else if base == there {
            Some(current)
        } else {
            None
        }
    }

    /// All that is kept, around the backbone: an item of one side stands after the one it follows there, an item of both
    /// after that of the backbone it follows first; those that follow the same one are ordered by their keys.
    pub fn around(&self, backbone: &[&'a str]) -> Vec<&'a str> {
        let places: HashMap<&str, usize> = backbone.iter().enumerate().map(|(i, key)| (*key, i)).collect();
        let mut followed: HashMap<&str, Option<&'a str>> = HashMap::new();
        for list in self.lists.iter().skip(1) {
            let (mut before, mut before_in_backbone) = (None, None);
            for key in list.iter().copied().filter(|key| self.kept.contains(key)) {
                if places.contains_key(key) {
                    before_in_backbone = Some(key);
                } else if self.shared.contains(key) {
                    let place = |key: Option<&str>| key.and_then(|k| places.get(k));
                    let earlier = followed.get(key).copied().unwrap_or(before_in_backbone);
                    let first = if place(earlier) < place(before_in_backbone) { earlier } else { before_in_backbone };
                    followed.insert(key, first);
                } else {
                    followed.insert(key, before);
                }
                before = Some(key);
            }
        }
        let mut followers: HashMap<Option<&str>, Vec<&'a str>> = HashMap::new();
        for (key, before) in &followed {
            if let Some(key) = self.kept.get(key) {
                followers.entry(*before).or_default().push(key);
            }
        }
        let mut ordered = Vec::with_capacity(self.kept.len());
        let mut stack: Vec<&'a str> = backbone.iter().rev().copied().collect();
        let mut last = None;
        loop {
            let mut next = followers.remove(&last).unwrap_or_default();
            next.sort_unstable_by(|a, b| b.cmp(a));
            stack.extend(next);
            let Some(key) = stack.pop() else { return ordered };
            ordered.push(key);
            last = Some(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, current: &str, proposed: &str) -> Option<String> {
        let lists = [base, current, proposed].map(|l| l.split_terminator("").filter(|k| !k.is_empty()).collect());
        let [base, current, proposed]: &[Vec<&str>; 3] = &lists;
        let stays = |k: &&str| !base.contains(k) || current.contains(k) && proposed.contains(k);
        let kept: Vec<&str> = current.iter().chain(proposed).copied().filter(stays).collect();
        let orders = Orders::new(lists.clone(), kept.into_iter());
        Some(orders.around(&orders.agreed()?).concat())
    }

    #[test]
    fn additions_follow_what_they_followed() {
        for (base, current, proposed, expected) in [
            ("abc", "axbc", "abyc", "axbyc"),
            ("abc", "axbc", "aybc", "axybc"),
            ("abc", "ayzbc", "axbc", "axyzbc"),
            ("abc", "xabc", "abcy", "xabcy"),
            ("abc", "cab", "abxc", "cabx"),
            ("abc", "cba", "cba", "cba"),
            ("abc", "acx", "aybc", "aycx"),
            ("a", "axy", "ayx", "axy"),
            ("ab", "axb", "abx", "axb"),
            ("", "xy", "z", "xyz"),
        ] {
            assert_eq!(merged(base, current, proposed).as_deref(), Some(expected), "{base} {current} {proposed}");
            assert_eq!(merged(base, proposed, current).as_deref(), Some(expected), "{base} {proposed} {current}");
        }
    }

    #[test]
    fn two_different_new_orders_are_in_dispute() {
        assert_eq!(merged("abc", "bac", "acb"), None);
        assert_eq!(merged("abc", "ba", "cab").as_deref(), Some("ba"));
    }
}
