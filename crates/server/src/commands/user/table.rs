use domain::users::Account;

const HEAD: [&str; 5] = ["USERNAME", "DISPLAY NAME", "CREATED", "LAST SEEN", "STATE"];

/// Accounts in aligned columns under a head, a line each.
pub(super) fn table(accounts: &[Account]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(accounts.iter().map(row));
    let widths: [usize; HEAD.len()] = std::array::from_fn(|column| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    });
    let lines: Vec<String> = rows.iter().map(|row| line(row, &widths)).collect();
    lines.join("\n")
}

fn row(account: &Account) -> [String; HEAD.len()] {
    let seen = account.last_seen_at.map(|at| at.to_string());
    let state = match account.disabled_at {
        None => "enabled".to_owned(),
        Some(at) => format!("disabled {at}"),
    };
    [
        account.username.to_string(),
        account.display_name.to_string(),
        account.created_at.to_string(),
        seen.unwrap_or_else(|| "never".to_owned()),
        state,
    ]
}

fn line(row: &[String; HEAD.len()], widths: &[usize; HEAD.len()]) -> String {
    let cells = row.iter().zip(widths);
    let padded: Vec<String> = cells
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::users::{DisplayName, Username};

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let at = |raw| Timestamp::parse(raw).unwrap();
        let account = |name, display_name, last_seen_at, disabled_at| Account {
            username: Username::parse(name).unwrap(),
            display_name: DisplayName::parse(display_name).unwrap(),
            created_at: at("2026-01-02T03:04:05.678Z"),
            last_seen_at,
            disabled_at,
        };
        let seen = Some(at("2026-02-03T04:05:06.789Z"));
        let accounts = [
            account("marybrown", "Zoë Brown", seen, None),
            account("bob", "Bob", None, seen),
        ];
        let expected = "\
USERNAME   DISPLAY NAME  CREATED                   LAST SEEN                 STATE
marybrown  Zoë Brown     2026-01-02T03:04:05.678Z  2026-02-03T04:05:06.789Z  enabled
bob        Bob           2026-01-02T03:04:05.678Z  never                     disabled 2026-02-03T04:05:06.789Z";
        assert_eq!(table(&accounts), expected);
    }
}
