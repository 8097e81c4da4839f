import type { Application } from '../app/application.js'
import type { SidecarParts } from './sidecar-parts.js'

/** The application beside the sidecar, where there is one. A reload may bring it, and change what is registered. */
export class Beside {
  application: Application | undefined
  readonly #make: (parts: SidecarParts) => Promise<Application | undefined>

  constructor(application: Application | undefined, make: (parts: SidecarParts) => Promise<Application | undefined>) {
    this.application = application
    this.#make = make
  }

  /** Resolves once the application is out of where it is no more to be. `url`: of the sidecar. */
  async follow(parts: SidecarParts, url: string): Promise<void> {
    const { settings, client, log } = parts
    if (this.application === undefined) {
      this.application = await this.#make(parts)
      this.application?.start(url)
      return
    }
    const { app, registry: choice } = settings
    await this.application.follow({ settings: app, choice, registry: client.registry, log })
  }
}
