//! Lists a piece at a time.

/// One piece of a list in its order, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end of the list.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of `limit` from up to `limit + 1` rows: the row too many says that there is
    /// more, and `cursor_of` the last one kept is where the next page begins.
    pub fn from_rows(mut rows: Vec<T>, limit: u32, cursor_of: impl Fn(&T) -> C) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more {
            rows.last().map(cursor_of)
        } else {
            None
        };
        Self { items: rows, next }
    }
}

/// How many entries a piece may have: 1 to `MAX`, 50 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<const MAX: u32>(u32);

/// For users and conversations.
pub type ListLimit = Limit<100>;
/// For messages.
pub type HistoryLimit = Limit<200>;

/// Why something is not a [`Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be between 1 and {max}")]
pub struct LimitError {
    max: u32,
}

impl<const MAX: u32> Limit<MAX> {
    /// # Errors
    /// [`LimitError`] when `limit` is not between 1 and `MAX`.
    pub fn parse(limit: u32) -> Result<Self, LimitError> {
        if (1..=MAX).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(LimitError { max: MAX })
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MAX: u32> Default for Limit<MAX> {
    fn default() -> Self {
        Self(50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_becomes_the_cursor() {
        let page = Page::from_rows(vec![1, 2, 3], 2, |n| *n);
        assert_eq!(
            page,
            Page {
                items: vec![1, 2],
                next: Some(2)
            }
        );
        let last = Page::from_rows(vec![1, 2], 2, |n| *n);
        assert_eq!(
            last,
            Page {
                items: vec![1, 2],
                next: None
            }
        );
        assert_eq!(Page::from_rows(Vec::<u8>::new(), 2, |n| *n).next, None);
    }

    #[test]
    fn a_limit_is_between_one_and_its_most() {
        assert_eq!(ListLimit::default().get(), 50);
        assert_eq!(ListLimit::parse(100).unwrap().get(), 100);
        assert_eq!(ListLimit::parse(0), Err(LimitError { max: 100 }));
        assert_eq!(
            ListLimit::parse(101).unwrap_err().to_string(),
            "must be between 1 and 100"
        );
        assert!(HistoryLimit::parse(200).is_ok());
    }
}
