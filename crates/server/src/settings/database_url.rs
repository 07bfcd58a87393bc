use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the data is. Prints as `[redacted]`, as it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL, for connecting only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is of a kind this program knows.
    #[must_use]
    pub fn is_known(&self) -> bool {
        ["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.0.starts_with(scheme))
    }

    /// The file of a `SQLite` database; `None` for one in memory or another kind.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.0.strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }
}

/// Every text is taken here and looked at by [`DatabaseUrl::is_known`], so that no error message
/// of the command line can show it.
impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(raw: &str) -> Result<Self, Infallible> {
        Ok(Self(raw.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_url_names_a_file() {
        let file = |raw: &str| raw.parse::<DatabaseUrl>().unwrap().sqlite_file();
        assert_eq!(
            file("sqlite://data/chat.db"),
            Some(PathBuf::from("data/chat.db"))
        );
        assert_eq!(
            file("sqlite:///var/chat.db?mode=rwc"),
            Some(PathBuf::from("/var/chat.db"))
        );
        assert_eq!(file("sqlite:chat.db"), Some(PathBuf::from("chat.db")));
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://localhost/chat"), None);
    }

    #[test]
    fn a_url_prints_as_redacted_and_only_two_kinds_are_known() {
        let url: DatabaseUrl = "postgres://chat:secret@db/chat".parse().unwrap();
        assert_eq!(format!("{url:?}"), "[redacted]");
        assert!(url.is_known());
        for unknown in ["mysql://db/chat", "data/chat.db", "", "postgres"] {
            assert!(!unknown.parse::<DatabaseUrl>().unwrap().is_known());
        }
    }
}
