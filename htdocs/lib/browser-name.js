/**
 * "Firefox on Windows", from what the browser says of itself.
 *
 * @param {string | null | undefined} agent
 */
export function browserName(agent) {
	if (!agent)
		return 'Unknown browser';
	const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox'
		: /OPR\//.test(agent) ? 'Opera' : /Chrom(?:e|ium)\//.test(agent) ? 'Chrome'
		: /Safari\//.test(agent) ? 'Safari' : agent.split(/[/\s]/)[0];
	const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS'
		: /Windows/.test(agent) ? 'Windows' : /Mac OS X/.test(agent) ? 'macOS'
		: /Linux/.test(agent) ? 'Linux' : '';
	return system ? `${browser} on ${system}` : browser;
}
