import { createRoot } from 'react-dom/client';
import { type Answer, type Ask, type Port, sourceOver } from './server/thread.ts';
import { App } from './shell/app.tsx';
import './styles.css';

const reader = new Worker(new URL('./server/source.worker.ts', import.meta.url), { type: 'module' });
const source = sourceOver(reader as unknown as Port<Answer, Ask>, new URL('.', document.baseURI).href);

createRoot(document.getElementById('root')!).render(<App source={source} />);
