import { useState } from 'preact/hooks';
import { ApiError } from '../api.js';

/**
 * What all forms do: one request at a time, and the server's objections
 * beside the fields they are about.
 *
 * @param {(values: Record<string, string>) => Promise<void>} work
 */
export function useForm(work) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const [fields, setFields] = useState(/** @type {Record<string, string>} */ ({}));

	/** @param {SubmitEvent} event */
	async function onSubmit(event) {
		event.preventDefault();
		if (busy)
			return;
		const form = /** @type {HTMLFormElement} */ (event.currentTarget);
		/** @type {Record<string, string>} */
		const values = {};
		for (const [name, value] of new FormData(form))
			values[name] = String(value);
		setBusy(true);
		setError('');
		setFields({});
		try {
			await work(values);
		} catch (problem) {
			if (!(problem instanceof Error))
				throw problem;
			const found = problem instanceof ApiError ? problem.errors : [];
			const here = found.map((e) => [e.pointer.split('/').pop() ?? '', e.detail])
				.filter(([name]) => form.elements.namedItem(name));
			setFields(Object.fromEntries(here));
			setError(here.length ? '' : found[0]?.detail ?? problem.message);
		} finally {
			setBusy(false);
		}
	}

	return { onSubmit, busy, error, fields };
}
