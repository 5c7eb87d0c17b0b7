// Keep what was not sent, in files
export { fileJournal, journalFile, pendingJournals } from './file-journal.ts';
