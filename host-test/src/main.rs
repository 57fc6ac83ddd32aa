//! x
use host_test::{
    artifact,
    host::{Host, Limits},
    simulator::{Options, Simulator, seed},
};
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let c = artifact::component()?;
    let t = std::time::Instant::now();
    let host = Host::load(&c, Some(&artifact::workspace().join("target/wasmtime-cache")), Limits::default())?;
    eprintln!("load {:?}", t.elapsed());
    let sim = Simulator::start(Options::default()).await?;
    let conn = serde_json::json!({"type":"application","corp_id":seed::CORP_ID,"app_secret":seed::APP_SECRET,"contacts_secret":seed::CONTACTS_SECRET,"agent_id":seed::AGENT_ID,"base_url":sim.base_url()}).to_string();
    let mut i = host.instance().await?;
    let t = std::time::Instant::now();
    println!("{:?}", i.invoke("list-department-ids", Some(&conn), "{}").await?);
    println!("{:?}", i.invoke("create-department", Some(&conn), r#"{"name":"研发","parent_id":1}"#).await?);
    println!(
        "{:?}",
        i.invoke("push-text-message", Some(&conn), r#"{"to_user":"zhangsan|nobody","content":"hi"}"#).await?
    );
    eprintln!("3 calls {:?} [{}]", t.elapsed(), i.output());
    for r in sim.requests() {
        println!("{} {}?{} {:?} {}", r.method, r.path, r.query, r.headers, String::from_utf8_lossy(&r.body));
    }
    Ok(())
}
