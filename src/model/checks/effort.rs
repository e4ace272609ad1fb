//! A bound on how many words are compared for one body.

use std::cell::Cell;

/// Comparisons of two words for one body. Fifty namesakes with two names each take a fifth of it.
const COMPARISONS: usize = 5_000;

/// The comparisons that are left. What is left out is told to the reviewer.
pub(super) struct Effort {
    left: Cell<usize>,
    is_exceeded: Cell<bool>,
}

impl Default for Effort {
    fn default() -> Self {
        Self { left: Cell::new(COMPARISONS), is_exceeded: Cell::new(false) }
    }
}

impl Effort {
    /// Takes so many comparisons. Where there are not so many left, nothing more is compared.
    pub fn spend(&self, comparisons: usize) -> bool {
        let left = self.left.get().checked_sub(comparisons);
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            self.exceed();
        }
        left.is_some()
    }

    /// Something was left out.
    pub fn exceed(&self) {
        self.is_exceeded.set(true);
    }

    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }
}
