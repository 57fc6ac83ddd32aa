//! `cargo xtask stepwise`: makes the component that imports nothing, and says where it is.

use std::process::ExitCode;

fn main() -> ExitCode {
    match stepwise::component() {
        Ok(file) => {
            println!("{}", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
