//! One's own settings: a form for each, which works without a script.

mod field;
mod name;
mod password;
mod receipts;
mod sessions;
mod theme;

use domain::sessions::{Session, SessionId};
use maud::{Markup, html};

pub(crate) use field::{Field, Wrong};

use crate::paths;
use crate::requests::Reader;

/// What is set.
pub(crate) struct Settings<'a> {
    /// Whose they are.
    pub(crate) reader: &'a Reader,
    /// Where they are signed in.
    pub(crate) sessions: &'a [Session],
    /// The session that asks.
    pub(crate) this: SessionId,
}

/// What was done just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Name,
    Password,
    Receipts,
    Theme,
    Session,
    OtherSessions,
}

impl Done {
    const ALL: [Self; 6] = [
        Self::Name,
        Self::Password,
        Self::Receipts,
        Self::Theme,
        Self::Session,
        Self::OtherSessions,
    ];

    /// For a URL.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password",
            Self::Receipts => "receipts",
            Self::Theme => "theme",
            Self::Session => "session",
            Self::OtherSessions => "sessions",
        }
    }

    /// Reads back what [`Done::word`] wrote.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Name => "Your name is saved.",
            Self::Password => "Your password is changed. All other sessions have ended.",
            Self::Receipts => "Your choice about read receipts is saved.",
            Self::Theme => "Your choice of colours is saved.",
            Self::Session => "The session has ended.",
            Self::OtherSessions => "All other sessions have ended.",
        }
    }
}

/// All settings, led by what was done, or with what is wrong at its field.
pub(crate) fn pane(
    settings: &Settings<'_>,
    done: Option<Done>,
    wrong: Option<&Wrong<'_>>,
) -> Markup {
    let Settings {
        reader,
        sessions,
        this,
    } = *settings;
    let viewer = &reader.user;
    html! {
        section.settings data-view="settings" {
            header.bar {
                a.back href=(paths::Inbox) hx-get=(paths::Inbox) hx-target="#main" hx-sync="#main:replace" hx-push-url="true" {
                    span aria-hidden="true" { "‹" } span.hidden { "Conversations" }
                }
                h1 { "Settings" }
            }
            @if let Some(done) = done {
                p.done role="status" { (done.sentence()) }
            }
            (name::form(viewer, wrong))
            (password::form(viewer, wrong))
            (receipts::form(viewer))
            (theme::form(reader.looks.theme))
            (sessions::list(sessions, this, reader))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_reads_back_as_written() {
        for done in Done::ALL {
            assert_eq!(Done::of_word(done.word()), Some(done));
        }
        assert_eq!(Done::of_word("nothing"), None);
    }
}
