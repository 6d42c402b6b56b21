import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api.js';

/**
 * Asks the server while one types: only the newest question counts.
 *
 * @template T
 * @param {string} typed
 * @param {(typed: string, signal: AbortSignal) => Promise<{ items: T[] }>} ask
 * @returns {{ items: T[] | null, problem: string }}
 */
export function useFound(typed, ask) {
	const [items, setItems] = useState(/** @type {T[] | null} */ (null));
	const [problem, setProblem] = useState('');

	useEffect(() => {
		const stop = new AbortController();
		const timer = setTimeout(async () => {
			try {
				const answer = await ask(typed.trim(), stop.signal);
				if (stop.signal.aborted)
					return;
				setItems(answer.items);
				setProblem('');
			} catch (error) {
				if (!(error instanceof ApiError))
					throw error;
				if (!stop.signal.aborted)
					setProblem(error.message);
			}
		}, items === null ? 0 : 120);
		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [typed]);

	return { items, problem };
}
