use uuid::{Builder, Uuid};

use super::draw::Draw;

/// `UUIDv7`s that sort as they were made, as those of a running server do; so an index on them
/// only grows at its end, however much is stored.
pub(super) struct SortedIds {
    first_millis: u64,
    made: u64,
}

impl SortedIds {
    /// Numbers in the 12 bits that follow the milliseconds (RFC 9562, 6.2, method 1).
    const PER_MILLISECOND: u64 = 1 << 12;

    /// From `first_millis`, since 1970, on.
    pub(super) fn from(first_millis: u64) -> Self {
        Self {
            first_millis,
            made: 0,
        }
    }

    pub(super) fn next(&mut self, draw: &mut Draw) -> Uuid {
        let millis = self.first_millis + self.made / Self::PER_MILLISECOND;
        let [.., high, low] = (self.made % Self::PER_MILLISECOND).to_be_bytes();
        self.made += 1;
        let mut tail = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
        tail[2..].copy_from_slice(&draw.bytes());
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_they_were_made() {
        let (mut ids, mut draw) = (SortedIds::from(1_700_000_000_000), Draw::new(1));
        let made: Vec<Uuid> = (0..20_000).map(|_| ids.next(&mut draw)).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
