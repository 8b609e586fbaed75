// Call hub methods, wait for the result or not, and see what fails.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
await connection.start();

try {
  const sum = await connection.invoke("Add", 1, 2);
  console.log(sum);
} catch (err) {
  console.error(err);
}

await connection.send("Note", "for whoever asks");
console.log(await connection.invoke("Notes"));

connection.invoke("Nothing").then((value) => console.log(value));

try {
  await connection.invoke("FailHub", "Not this way.");
} catch (err) {
  console.error(err.message);
}
