import { createRoot } from 'react-dom/client';
import { httpSource } from './server/http-source.ts';
import { App } from './shell/app.tsx';
import './styles.css';

createRoot(document.getElementById('root')!).render(<App source={httpSource(new URL('.', document.baseURI).href)} />);
