use domain::users::User;
use maud::{Markup, html};

/// How many hues the style sheet has.
const HUES: u32 = 12;

/// A user's initials on a hue that is always theirs. Decoration: the name stands beside it.
pub(super) fn avatar(user: &User) -> Markup {
    let class = format!("avatar hue-{}", hue(&user.username.key()));
    html! { span class=(class) aria-hidden="true" { (initials(user.display_name.as_str())) } }
}

fn hue(name: &str) -> u32 {
    // FNV-1a (Fowler, Noll, Vo), 32 bits: spreads similar names.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % HUES
}

/// The first letter of the first and of the last word.
fn initials(name: &str) -> String {
    let mut firsts = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = firsts.next();
    first
        .into_iter()
        .chain(firsts.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Mary Ann brown"), "MB");
        assert_eq!(initials("bob"), "B");
        assert_eq!(initials("李 小龙"), "李小");
    }
}
