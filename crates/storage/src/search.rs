//! Where keys that begin with a term lie in their order, which is that of code points.

use domain::users::{DisplayName, SearchTerm};

/// Sorts after every search key: longer than any of them, of the last code point.
fn after_all() -> String {
    // A display name grows by folding, to at most three characters for each.
    char::MAX.to_string().repeat(DisplayName::MAX_CHARS * 4)
}

/// The first string after all that begin with the term.
pub(crate) fn end_of(term: &SearchTerm) -> String {
    let mut end = term.as_str().to_owned();
    while let Some(last) = end.pop() {
        // A `char` range steps over the surrogates, which no string has.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return end;
        }
    }
    after_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(raw: &str) -> String {
        end_of(&SearchTerm::parse(raw).unwrap())
    }

    #[test]
    fn the_end_is_the_next_string_in_the_order_of_code_points() {
        assert_eq!(end("mar"), "mas");
        assert_eq!(end("z"), "{");
        assert_eq!(end("é"), "ê");
        assert_eq!(end("a\u{d7ff}"), "a\u{e000}");
        assert_eq!(end("a\u{10ffff}\u{10ffff}"), "b");
    }

    #[test]
    fn a_term_of_the_last_code_point_alone_has_all_before_its_end() {
        let term = "\u{10ffff}".repeat(DisplayName::MAX_CHARS);
        assert!(end(&term) > format!("{term}{term}{term}"));
    }
}
