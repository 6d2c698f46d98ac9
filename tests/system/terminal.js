'use strict'
// A person at a terminal: keys go in, and what stands on the screen comes out.
// The terminal is a real one, made by script(1), with a shell in it.
const { spawn } = require('child_process')

const PATIENCE_MS = 30000

// Lines as they stand there: what colours, bells and cursor keys do is not text.
const plain = bytes => bytes
  .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>()][0-9A-Z]?|\x1b\][^\x07]*\x07/g, '')
  .replace(/[\x07\x0e\x0f]/g, '').replace(/\r/g, '')

class Terminal {
  constructor (name, env) {
    this.prompt = `${name}> `
    this.raw = ''
    this.read = 0 // of the screen, what was looked at
    this.waiting = null
    this.child = spawn('script', ['-qefc', 'sh -i', '/dev/null'], {
      env: Object.assign({}, process.env, env, { ENV: '', TERM: 'xterm', COLUMNS: '80' })
    })
    this.child.stdout.setEncoding('utf8')
    this.child.stdout.on('data', data => { this.raw += data; if (this.waiting) this.waiting() })
    this.child.on('exit', () => { if (this.waiting) this.waiting() })
    this.ready = this.start()
  }

  async start () {
    this.keys(`PS1='${this.prompt}'\n`)
    await this.see(new RegExp(`[^']${this.prompt}`))
  }

  // Half of a code at the end may become a whole one.
  get screen () { return plain(this.raw.replace(/\x1b[^a-zA-Z>=]*$/, '')) }

  keys (text) { this.child.stdin.write(text) }

  // Waits until pattern stands behind what was seen before; gives its match.
  see (pattern) {
    return new Promise((resolve, reject) => {
      const fail = setTimeout(() => this.waiting(true), PATIENCE_MS)
      this.waiting = late => {
        const rest = this.screen.slice(this.read)
        const at = typeof pattern === 'string' ? rest.indexOf(pattern) : rest.search(pattern)
        if (at < 0 && !late && this.child.exitCode === null) return
        this.waiting = null
        clearTimeout(fail)
        if (at < 0) return reject(new Error(`${this.prompt}never saw ${pattern} in:\n${rest}`))
        const found = typeof pattern === 'string' ? pattern : pattern.exec(rest)[0]
        this.before = rest.slice(0, at)
        this.read += at + found.length
        resolve(found)
      }
      this.waiting()
    })
  }

  // Types a command; gives all that it shows until the next prompt.
  async run (command) {
    this.keys(command + '\n')
    await this.see(command)
    await this.see('\n' + this.prompt)
    return this.before
  }

  // The same as often as it takes until it shows pattern.
  async until (command, pattern) {
    const end = Date.now() + PATIENCE_MS
    for (;;) {
      const shown = await this.run(command)
      if (pattern.test(shown)) return shown
      if (Date.now() > end) throw new Error(`${this.prompt}${command} never showed ${pattern}, but:\n${shown}`)
    }
  }

  // Types a command that shows what will be public and asks; gives what it
  // showed before the question. Answers, and waits for the prompt.
  async publish (command, answer = 'y') {
    this.keys(command + '\n')
    await this.see('[y/n] ')
    const shown = this.before
    this.keys(answer + '\n')
    await this.see('\n' + this.prompt)
    this.after = this.before
    return shown
  }

  close () { this.child.kill('SIGKILL') }
}

module.exports = { Terminal }
