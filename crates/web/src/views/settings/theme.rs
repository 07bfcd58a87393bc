use maud::{Markup, html};

use crate::paths;
use crate::requests::Theme;

/// Light or dark, in this browser.
pub(super) fn form(current: Theme) -> Markup {
    html! {
        form.card method="post" action=(paths::SettingsTheme) aria-labelledby="theme" {
            h2 #theme { "Colours" }
            p.hint { "In this browser only." }
            div.choices role="group" aria-labelledby="theme" {
                @for theme in Theme::ALL {
                    @let pressed = if theme == current { "true" } else { "false" };
                    button.quiet type="submit" name="theme" value=(theme.as_str())
                        aria-pressed=(pressed) { (words(theme)) }
                }
            }
        }
    }
}

fn words(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As my device",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}
