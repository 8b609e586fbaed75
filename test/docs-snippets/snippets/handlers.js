// Several handlers of a method, and their removal.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
const first = (text) => console.log(`first ${text}`);
const second = (text) => console.log(`second ${text}`);
connection.on("Tell", first);
connection.on("tell", second);
await connection.start();
await connection.invoke("CallMe", "TELL", ["1"]);
connection.off("Tell", first);
await connection.invoke("CallMe", "Tell", ["2"]);
connection.off("Tell");
await connection.invoke("CallMe", "Tell", ["3"]);
console.log("end");
