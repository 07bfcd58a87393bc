//! `cargo xtask migrate`: the schema, up and down, on SQLite and PostgreSQL.

use anyhow::Context;
use migrations::{Migrator, Step};
use sea_orm_migration::MigratorTrait;

#[derive(Clone, Copy, clap::Subcommand)]
pub(crate) enum Direction {
    /// Apply every pending step; makes the SQLite file when there is none
    Up,
    /// Undo the last step: the data that only it can hold is lost
    Down,
    /// Drop every table and apply all steps: the data is lost
    Fresh,
    /// List the steps and whether they are applied
    Status,
}

/// Does as asked and prints what changed.
pub(crate) async fn run(direction: Direction, database_url: &str) -> anyhow::Result<()> {
    let database = migrations::connect(database_url)
        .await
        .context("cannot open the database")?;
    let before = migrations::status(&database).await?;
    match direction {
        Direction::Up => Migrator::up(&database, None).await?,
        Direction::Down => Migrator::down(&database, Some(1)).await?,
        Direction::Fresh => Migrator::fresh(&database).await?,
        Direction::Status => {}
    }
    let after = migrations::status(&database).await?;
    database.close().await?;
    println!("{}", report(direction, &before, &after));
    Ok(())
}

fn report(direction: Direction, before: &[Step], after: &[Step]) -> String {
    let lines: Vec<String> = match direction {
        Direction::Up => changed(before, after)
            .map(|name| format!("applied {name}"))
            .collect(),
        Direction::Down => changed(before, after)
            .map(|name| format!("undid {name}"))
            .collect(),
        Direction::Fresh => after
            .iter()
            .map(|step| format!("applied {}", step.name))
            .collect(),
        Direction::Status => after.iter().map(line_of).collect(),
    };
    match direction {
        Direction::Up | Direction::Fresh => {
            [lines, vec!["the schema is current".to_owned()]].concat()
        }
        Direction::Down if lines.is_empty() => vec!["there was nothing to undo".to_owned()],
        Direction::Down | Direction::Status => lines,
    }
    .join("\n")
}

/// The steps that are applied in one and not in the other. Both list the same steps in order.
fn changed<'a>(before: &'a [Step], after: &'a [Step]) -> impl Iterator<Item = &'a str> {
    before
        .iter()
        .zip(after)
        .filter(|(before, after)| before.applied != after.applied)
        .map(|(_, after)| after.name.as_str())
}

fn line_of(step: &Step) -> String {
    let state = if step.applied { "applied" } else { "pending" };
    format!("{state}  {}", step.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps<const N: usize>(applied: [bool; N]) -> Vec<Step> {
        let names = ["first", "second", "third"];
        let steps = names.iter().zip(applied).map(|(name, applied)| Step {
            name: (*name).to_owned(),
            applied,
        });
        steps.collect()
    }

    #[test]
    fn only_what_changed_is_reported() {
        let some = steps([true, false, false]);
        let all = steps([true, true, true]);
        assert_eq!(
            report(Direction::Up, &some, &all),
            "applied second\napplied third\nthe schema is current"
        );
        assert_eq!(report(Direction::Up, &all, &all), "the schema is current");
        let none = steps([false, false, false]);
        assert_eq!(
            report(Direction::Down, &none, &none),
            "there was nothing to undo"
        );
        assert_eq!(
            report(Direction::Down, &all, &steps([true, true, false])),
            "undid third"
        );
    }

    #[test]
    fn the_status_lists_every_step() {
        let some = steps([true, false]);
        assert_eq!(
            report(Direction::Status, &some, &some),
            "applied  first\npending  second"
        );
    }
}
