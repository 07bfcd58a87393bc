use domain::users::User;
use maud::{Markup, html};

use crate::paths;

/// Whether others see what one has read, and one what they have.
pub(super) fn form(viewer: &User) -> Markup {
    let (state, act, value) = if viewer.read_receipts {
        ("on", "Turn read receipts off", "off")
    } else {
        ("off", "Turn read receipts on", "on")
    };
    html! {
        form.card method="post" action=(paths::SettingsReceipts) aria-labelledby="receipts" {
            h2 #receipts { "Read receipts" }
            p { "Read receipts are " strong { (state) } "." }
            p.hint {
                @if viewer.read_receipts {
                    "Others see how far you have read, and you see how far they have. Turned off, \
                    neither is shown; that a message was delivered still is."
                } @else {
                    "Nobody sees how far you have read, and you do not see how far others have. \
                    Turned on again, how far you have read until then is shown too."
                }
            }
            button.quiet type="submit" name="read_receipts" value=(value) { (act) }
        }
    }
}
