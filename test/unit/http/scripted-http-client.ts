/** An HTTP client whose answers a test writes down; for what is built on the official `HttpClient` shape. */
import { HttpClient, HttpResponse, type HttpRequest } from "../../../src/http/http-client.js";

/** What to answer: a body as JSON, a response, or whatever the function does. */
export type Answer = object | HttpResponse | ((request: HttpRequest) => unknown);

/** Gives its answers in order, the last one again and again. */
export class ScriptedHttpClient extends HttpClient {
  /** What was asked. */
  readonly requests: HttpRequest[] = [];
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    super();
    this.#answers = answers;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const answer = this.#answers[Math.min(this.requests.length, this.#answers.length) - 1];
    const value: unknown = typeof answer === "function" ? await answer(request) : answer;
    return value instanceof HttpResponse ? value : new HttpResponse(200, "OK", JSON.stringify(value));
  }
}
