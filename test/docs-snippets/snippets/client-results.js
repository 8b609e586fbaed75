// A result that the hub asks the client for.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();

connection.on("Answer", async () => {
  const promise = new Promise((resolve) => {
    setTimeout(() => {
      resolve("message");
    }, 10);
  });
  return promise;
});

await connection.start();
console.log(await connection.invoke("AskClient", "What?"));
