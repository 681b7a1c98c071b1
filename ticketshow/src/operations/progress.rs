//! A bar on the terminal: how far, how fast, how long still. Nothing where there is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over positions of the log.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg:10} {bar:32} {human_pos}/{human_len}  {per_sec}  {eta} left";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well formed"));
    bar
}
