//! Things by small numbers that are used again.

use std::ops::{Index, IndexMut};

/// A list whose places are reused. A number given out stays its thing's until
/// that is taken; to use it afterwards is a mistake.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }
}

impl<T: Default> Slab<T> {
    /// Keeps a thing and gives its number. There are never four thousand
    /// million of them: memory ends long before.
    pub(super) fn put(&mut self, item: T) -> u32 {
        if let Some(at) = self.free.pop() {
            self[at] = item;
            return at;
        }
        self.items.push(item);
        u32::try_from(self.items.len() - 1).unwrap_or(u32::MAX)
    }

    /// Gives the thing back; its number may go to another.
    pub(super) fn take(&mut self, at: u32) -> T {
        self.free.push(at);
        std::mem::take(&mut self[at])
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;
    fn index(&self, at: u32) -> &T {
        &self.items[at as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, at: u32) -> &mut T {
        &mut self.items[at as usize]
    }
}
