use maud::{Markup, html};

/// The keys, and what they do.
const KEYS: [(&[&str], &str); 6] = [
    (&["/", "Ctrl + K"], "Search people"),
    (&["Alt + ↑", "Alt + ↓"], "Previous, next conversation"),
    (&["Esc"], "Close the conversation"),
    (&["Enter"], "Send"),
    (&["Shift + Enter"], "Break the line"),
    (&["?"], "Show or hide this list"),
];

/// Shows the overlay, also without a script.
pub(super) fn button() -> Markup {
    html! {
        button.quiet.keys type="button" popovertarget="shortcuts" {
            span aria-hidden="true" { "?" } span.hidden { "Keyboard shortcuts" }
        }
    }
}

/// The overlay that lists the keys.
pub(super) fn dialog() -> Markup {
    html! {
        dialog #shortcuts popover aria-labelledby="shortcuts-heading" {
            h2 #shortcuts-heading { "Keyboard shortcuts" }
            dl {
                @for (keys, does) in KEYS {
                    div {
                        dt { @for key in keys { kbd { (key) } " " } }
                        dd { (does) }
                    }
                }
            }
            button.quiet type="button" popovertarget="shortcuts" popovertargetaction="hide" autofocus { "Close" }
        }
    }
}
