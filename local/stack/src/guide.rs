//! Output once the stack runs: addresses, logins, and a walk-through to paste.

use ticketshow_dodo_sim::SUCCESS_CARD;

/// Walk-through for the default origin.
const WALK_THROUGH: &str = include_str!("../../../deploy/walkthrough.sh");

/// Values that differ between installations.
#[derive(Debug)]
pub struct Guide<'a> {
    /// Origin of the site, for example `http://localhost:8000`.
    pub origin: &'a str,
    /// Call of the `nats` CLI that reaches the server.
    pub nats_cli: &'a str,
    /// Titles and addresses of the optional parts' pages.
    pub pages: &'a [(&'static str, String)],
    /// Page of the Dodo simulator; `None` with an account at Dodo.
    pub dodo_sim: Option<&'a str>,
    pub admin_email: &'a str,
    /// `None` if the operator set it.
    pub admin_password: Option<&'a str>,
    /// E-mails of the demo customers; empty without demo data.
    pub customers: &'a [String],
}

impl Guide<'_> {
    /// Prints the guide.
    pub fn print(&self) {
        let Self { origin, nats_cli, admin_email, .. } = self;
        let password = self.admin_password.unwrap_or("(the one you set)");
        println!();
        println!("  site            {origin}");
        println!("  API and docs    {origin}/api/v1/docs");
        for (what, page) in self.pages {
            println!("  {what:<15} {page}");
        }
        if let Some(dodo_sim) = self.dodo_sim {
            println!("  card payments   {dodo_sim}   test card {SUCCESS_CARD}, no real money");
        }
        println!("  log             {nats_cli} stream subjects EVENTS");
        println!("  administrator   {admin_email}   password {password}");
        if let [first, .., last] = self.customers {
            println!("  customers       {first} … {last}   password {}", ticketshow_demo::PASSWORD);
            println!("\nTo book a ticket over the API, paste:\n");
            for line in WALK_THROUGH.lines().skip(1) {
                println!("  {}", line.replace("${1:-http://localhost:8000}", origin));
            }
        }
        println!("\nPress Ctrl-C or run `make down` to stop.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_walk_through_that_is_printed() {
        let readme = include_str!("../../../README.md");
        let commands: Vec<&str> = WALK_THROUGH.lines().skip(2).collect();

        assert!(readme.contains(&commands.join("\n")));
    }
}
