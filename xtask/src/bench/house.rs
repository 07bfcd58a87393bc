use std::path::{Path, PathBuf};

use anyhow::Context;
use migrations::Migrator;
use sea_orm_migration::MigratorTrait;
use tokio::fs;

use super::node::Node;
use super::people::{self, Person};
use crate::seed::{self, Plan};

/// A made-up data set in a SQLite file that stays as it is; each measurement gets a copy.
pub(super) struct House {
    file: PathBuf,
    pub(super) plan: Plan,
    /// Who is signed in, by the number of their names.
    pub(super) people: Vec<Person>,
}

impl House {
    /// Fills a file in `folder` and signs the first so many people in, over the socket.
    pub(super) async fn build(
        binary: &Path,
        plan: Plan,
        signed_in: u32,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir(folder)?;
        let file = folder.join("house.db");
        let url = url_of(&file);
        fill(&url, plan).await?;
        let node = Node::serve(binary, &url, None, folder).await?;
        let people = people::sign_in(&node.address, signed_in).await?;
        // A server that has ended has written its log back: the file is all there is.
        node.stop().await?;
        Ok(Self { file, plan, people })
    }

    /// A server on a copy of the data in `folder`, where everybody is still signed in.
    pub(super) async fn open(&self, binary: &Path, folder: &Path) -> anyhow::Result<Node> {
        let copy = self.copy(folder).await?;
        Node::serve(binary, &copy, None, folder).await
    }

    /// Where a copy of the data in `folder` is.
    pub(super) async fn copy(&self, folder: &Path) -> anyhow::Result<String> {
        std::fs::create_dir(folder)?;
        let copy = folder.join("chat.db");
        let copied = fs::copy(&self.file, &copy).await;
        copied.context("cannot copy the data")?;
        // Else the machine is still writing gigabytes while something is measured.
        fs::File::open(&copy).await?.sync_all().await?;
        Ok(url_of(&copy))
    }

    /// Where the data itself is, of which nothing may be changed.
    pub(super) fn url(&self) -> String {
        url_of(&self.file)
    }
}

/// Makes the schema and fills it.
pub(super) async fn fill(url: &str, plan: Plan) -> anyhow::Result<()> {
    let database = migrations::connect(url).await?;
    Migrator::up(&database, None).await?;
    database.close().await?;
    println!("{}", seed::made_up(url, &plan).await?);
    Ok(())
}

fn url_of(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
