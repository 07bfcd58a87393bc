//! Search as you type: a person is found by the beginning of any word of their names.

use super::{DisplayName, Username};

/// What somebody typed to find a person, folded; never empty, at most 100 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerm(String);

impl SearchTerm {
    /// Folds what was typed and cuts it at 100 characters; `None` when nothing is left, which is
    /// no search at all.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let folded = fold(raw);
        let cut: String = folded.chars().take(DisplayName::MAX_CHARS).collect();
        if cut.is_empty() {
            None
        } else {
            Some(Self(cut))
        }
    }

    /// What a key from [`search_keys`] must begin with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lower case, one space between words, none around.
#[must_use]
pub fn fold(raw: &str) -> String {
    let words: Vec<String> = raw.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").replace('\0', "")
}

/// Every string a search for this person may begin: both names from each of their words on, so
/// that "Mary Ann Brown" is found by "mar", "ann b" and "bro". Sorted, without repetition.
#[must_use]
pub fn search_keys(username: &Username, display_name: &DisplayName) -> Vec<String> {
    let mut keys = from_each_word(&username.key(), |c| "@.+-_".contains(c));
    keys.extend(from_each_word(&fold(display_name.as_str()), |c| {
        c == ' ' || c == '-'
    }));
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn from_each_word(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<String> {
    let mut keys = vec![text.to_owned()];
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        if let (true, Some((at, next))) = (is_separator(c), chars.peek().copied())
            && !is_separator(next)
        {
            keys.push(text[at..].to_owned());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_the_beginning_of_each_word() {
        let username = Username::parse("Mary.Brown@example.com").unwrap();
        let display_name = DisplayName::parse("Mary Ann  Ångström").unwrap();
        assert_eq!(
            search_keys(&username, &display_name),
            [
                "ann ångström",
                "brown@example.com",
                "com",
                "example.com",
                "mary ann ångström",
                "mary.brown@example.com",
                "ångström",
            ]
        );
    }

    #[test]
    fn a_name_equal_to_the_username_is_one_key() {
        let username = Username::parse("bob").unwrap();
        assert_eq!(
            search_keys(&username, &DisplayName::parse("Bob").unwrap()),
            ["bob"]
        );
    }

    #[test]
    fn what_is_typed_is_folded_and_nothing_is_no_search() {
        assert_eq!(SearchTerm::parse("  MARY   b ").unwrap().as_str(), "mary b");
        assert_eq!(SearchTerm::parse(" \t\0"), None);
        assert_eq!(
            SearchTerm::parse(&"x".repeat(5_000))
                .unwrap()
                .as_str()
                .len(),
            100
        );
    }
}
