use domain::ListLimit;
use domain::sessions::{Session, SessionId};
use maud::{Markup, html};

use super::super::time::moment;
use crate::paths;
use crate::requests::Reader;

/// Where one is signed in.
pub(super) fn list(sessions: &[Session], this: SessionId, reader: &Reader) -> Markup {
    let has_others = sessions.iter().any(|session| session.id != this);
    let is_cut = sessions.len() >= ListLimit::default().get() as usize;
    html! {
        section.card aria-labelledby="sessions" {
            h2 #sessions { "Sessions" }
            p.hint { "Where you are signed in. If you do not know one, end it and change your password." }
            ol.list {
                @for session in sessions { li.session { (entry(session, this, reader)) } }
            }
            @if is_cut {
                p.hint { "Only the " (sessions.len()) " newest are listed." }
            }
            @if has_others {
                form method="post" action=(paths::SettingsEndOthers) {
                    button.quiet type="submit" { "End all others" }
                }
            }
        }
    }
}

fn entry(session: &Session, this: SessionId, reader: &Reader) -> Markup {
    html! {
        p {
            @if session.id == this { strong { "This one" } br; }
            "Signed in " (moment(session.created_at, reader))
            br;
            span.hint { "Last used " (moment(session.last_used_at, reader)) }
        }
        @if session.id != this {
            form method="post" action=(paths::SettingsEndSession) {
                input type="hidden" name="session" value=(session.id.0);
                button.quiet type="submit" {
                    "End" span.hidden { " the session of " (moment(session.created_at, reader)) }
                }
            }
        }
    }
}
