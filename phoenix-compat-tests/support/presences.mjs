/** The presences of a topic, kept by the Presence of the client's version. */
export class Presences {
  comingsAndGoings = [];
  #list;
  #signal;

  constructor(Presence, channel, signal) {
    this.#signal = signal;
    const onJoin = (key) => this.comingsAndGoings.push(`+${key}`);
    const onLeave = (key) => this.comingsAndGoings.push(`-${key}`);
    if (typeof Presence === "function") {
      const presence = new Presence(channel);
      presence.onJoin(onJoin);
      presence.onLeave(onLeave);
      presence.onSync(() => signal.raise());
      this.#list = (chooser) => presence.list(chooser);
    } else {
      // Up to 1.3 Presence is a set of functions, and the application keeps the state.
      let state = {};
      const keep = (sync) => (news) => {
        state = sync.call(Presence, state, news, onJoin, onLeave);
        signal.raise();
      };
      channel.on("presence_state", keep(Presence.syncState));
      channel.on("presence_diff", keep(Presence.syncDiff));
      this.#list = (chooser) => Presence.list(state, chooser);
    }
  }

  /** Resolves when exactly these are present; `expected` has the devices of each key. */
  async until(expected) {
    const wanted = JSON.stringify(Object.entries(expected).sort());
    const devices = (key, { metas }) => [key, metas.map(({ device }) => device).sort()];
    const present = () => JSON.stringify(this.#list(devices).sort());
    try {
      await this.#signal.until(() => present() === wanted, "the presences");
    } catch (error) {
      throw new Error(`${error.message} Expected ${wanted}, present: ${present()}.`);
    }
  }
}
