//! What only a browser shows, in headless Chromium. A fault in a page's console or against its
//! policy (CSP) fails whichever test opened it.
//!
//! | what one does or sees | tests |
//! |---|---|
//! | send, retry, copy | `unsent`, `keyboard::enter_sends…`, `phone` |
//! | draft | `unsent::a_draft…`, `phone` |
//! | arrival, unread | `reading`, `live`, `phone` |
//! | receipts, presence | `here`, `reading`; the choice in `http::receipts` |
//! | typing | `live`, `phone` |
//! | history | `stories::people_are_found…`, `no_script` |
//! | links | `senses::every_view…` |
//! | times | `place::times_and_days…` |
//! | connection | `unsent`, `phone`, `faults::browser` |
//! | URL | `keyboard`, `place`, `phone`, `stories` |
//! | keyboard | `keyboard`, `stories_by_keyboard` |
//! | narrow, dark, zoomed, right to left, less motion | `screen`, `phone`, `axe` |
//! | without JavaScript | `no_script`, `stories`, `screen`, `place`, `settings` |

mod axe;
mod chromium;
mod here;
mod keyboard;
mod live;
mod look;
mod no_script;
mod phone;
mod place;
mod reading;
mod screen;
mod senses;
mod settings;
mod stories;
mod stories_by_keyboard;
mod tab;
mod unsent;
mod weight;

pub(crate) use chromium::Chromium;
pub(crate) use tab::Tab;
