/** Many at once, but not all: what is measured afterwards is not the registration. */
const atOnce = 16

export async function registerAll(port, services) {
  const left = services.values()
  const worker = async () => {
    for (const service of left) await register(port, service)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, services.length) }, worker))
}

async function register(port, service) {
  const response = await fetch(`http://127.0.0.1:${port}/registry`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(service),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`registration of ${service.name}: ${response.status} ${text}`)
}
