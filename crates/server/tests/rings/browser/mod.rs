//! What only a browser shows, in headless Chromium. A fault in a page's console or against its
//! policy (CSP) fails whichever test opened it.
//!
//! Each row of this table is in `behaviour` too, wide and narrow, light and dark.
//!
//! | what one does or sees | tests |
//! |---|---|
//! | send, retry, copy | `unsent`, `keyboard::enter_sends…` |
//! | draft | `unsent::a_draft…` |
//! | arrival, unread | `reading`, `live` |
//! | receipts, presence | `here`, `reading`; the choice in `http::receipts` |
//! | typing | `live` |
//! | history | `stories::people_are_found…`, `no_script` |
//! | links | `senses::every_view…` |
//! | times | `place::times_and_days…` |
//! | connection | `unsent`, `faults::browser` |
//! | URL | `keyboard`, `place`, `stories` |
//! | keyboard | `keyboard`, `stories_by_keyboard` |
//! | narrow, dark, zoomed, right to left, less motion | `screen`, `axe` |
//! | script that somebody wrote | `script` |
//! | without JavaScript | `no_script`, `stories`, `screen`, `place`, `settings` |

mod axe;
mod behaviour;
mod chromium;
mod here;
mod keyboard;
mod live;
mod look;
mod no_script;
mod place;
mod reading;
mod screen;
mod script;
mod senses;
mod settings;
mod stories;
mod stories_by_keyboard;
mod tab;
mod unsent;
mod weight;

pub(crate) use chromium::Chromium;
pub(crate) use tab::Tab;
