// A bearer token.
function getToken() {
  return Promise.resolve("good-ada");
}

const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub", {
    accessTokenFactory: () => {
      // What gets the token, and returns it.
      return getToken();
    },
  })
  .build();
await connection.start();
console.log(await connection.invoke("WhoAmI"));

connection.on("UserMessage", (text) => console.log(text));
await connection.invoke("SendToUser", "ada", "for you alone");
