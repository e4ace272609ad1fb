//! Seats for what many clients hold at a time: a number of them in all, and no more than some for one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Seats of one sort, such as those of streams.
pub struct Seats {
    most: usize,
    most_of_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    All,
    /// This address has as many as one may have.
    Address,
}

impl Seats {
    /// So many in all, and for one address.
    pub fn new(most: usize, most_of_address: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_address, taken: Mutex::default() })
    }

    /// Takes a seat; for `None`, one that counts for no address.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Seat, Full> {
        let mut taken = self.lock();
        if taken.all >= self.most {
            return Err(Full::All);
        }
        if let Some(address) = address {
            let of_address = taken.by_address.entry(address).or_default();
            if *of_address >= self.most_of_address {
                return Err(Full::Address);
            }
            *of_address += 1;
        }
        taken.all += 1;
        Ok(Seat { seats: self.clone(), address })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One seat. It is free again when this is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    address: Option<IpAddr>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        let Some(address) = self.address else { return };
        if let Some(count) = taken.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn seats_are_bounded_in_all_and_for_an_address() {
        let seats = Seats::new(3, 2);
        let [a, b] = [1, 2].map(|n| Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, n))));
        let first = seats.take(a).ok();
        let _second = seats.take(a).ok();
        assert_eq!(seats.take(a).err(), Some(Full::Address));
        let third = seats.take(b).ok();
        assert_eq!(seats.take(b).err(), Some(Full::All));
        assert_eq!(seats.take(None).err(), Some(Full::All));
        drop((first, third));
        assert_eq!(seats.taken(), 1);
        let again = [seats.take(a).is_ok(), seats.take(None).is_ok()];
        assert_eq!(again, [true, true]);
        assert_eq!(seats.lock().by_address.len(), 1, "nothing is kept of an address that has none");
    }
}
