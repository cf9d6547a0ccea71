/** Sample papers and readers for the previews of every mail. Titles and dates are facts, counts are made up, sentences are ours. */
export const sampleDay = { localDate: '2025-12-12', papers: 5, chosenFrom: 87, partial: false };
export const sampleSlot = { timeZone: 'Europe/Paris', sendHour: 7, weekdays: 127 };
export const sampleTopics = ['Video generation', 'Flow matching', 'Robotics', 'Surveys'];

export const sampleInstallation = {
  from: 'Broadsheet <digest@broadsheet.example>',
  replyTo: undefined,
  baseUrl: 'http://localhost:3000',
  postalAddress: 'Broadsheet, 1 Main Street, Springfield',
  listId: 'Broadsheet <broadsheet.example>',
};

export const sampleNotice = {
  confirmUrl: `${sampleInstallation.baseUrl}/confirm/sample`,
  preferencesUrl: `${sampleInstallation.baseUrl}/preferences/sample`,
  unsubscribeUrl: `${sampleInstallation.baseUrl}/unsubscribe/sample`,
  topics: sampleTopics,
  slot: sampleSlot,
  firstDigest: 'on Saturday, 13 December at 07:00 in Paris',
  postalAddress: sampleInstallation.postalAddress,
};

export const sampleReport = {
  subject: 'Broadsheet: Thursday’s edition, 2 complained',
  title: 'This needs you',
  sentence: 'Thursday’s edition: 9,412 of 9,600 accepted, 9,301 delivered, 31 bounced, 214 skipped.',
  needs: ['2 complained.'],
  figures: [
    { name: 'Audience', value: '9,814' },
    { name: 'Accepted', value: '9,412' },
    { name: 'Delivered', value: '9,301 · 98.82 %' },
    { name: 'Bounced hard', value: '4 · 0.04 %' },
    { name: 'Complained', value: '2 · 0.02 %' },
    { name: 'Skipped, nothing new', value: '214' },
    { name: 'Unknown', value: '0' },
    { name: 'Readers', value: '11,087' },
  ],
};

/** No picture has this name: a preview shows the words that stand in for it. */
const samplePictures = {
  wide: { name: 'sample'.padEnd(43, '_'), width: 1280, height: 691 },
  small: { name: 'sample'.padEnd(43, '-'), width: 320, height: 180 },
};

export const samplePapers = [
  {
    ...arxiv('2511.20462', '2025-11-25'),
    title: 'STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flow',
    summary:
      'Video from a normalizing flow instead of a diffusion model, trained end to end and made frame after frame. ' +
      'One global part looks back in time only, local parts keep to their frame, and sampling runs in parallel without breaking that order.',
    organization: 'Apple',
    authorsCount: 8,
    votes: 41,
    comments: 2,
    codeUrl: 'https://github.com/apple/ml-starflow',
    pictures: samplePictures,
    reasons: [{ name: 'Video generation', inTitle: true }],
  },
  {
    ...arxiv('2511.19428', '2025-11-24'),
    title: 'Flow Map Distillation Without Data',
    summary:
      'Turns a slow flow model into a one-step one by drawing from the prior alone, so no borrowed data set can lead the student astray. ' +
      'FID 1.45 on ImageNet 256 in a single step.',
    authorsCount: 4,
    votes: 19,
    comments: 2,
    reasons: [{ name: 'Flow matching', inTitle: true }],
  },
  {
    ...arxiv('2510.07865', '2025-10-09'),
    title: 'DM1: MeanFlow with Dispersive Regularization for 1-Step Robotic Manipulation',
    summary:
      'One network step in place of many, kept from collapsing by pushing its inner representations apart. ' +
      'Twenty to forty times faster than earlier policies, and right more often.',
    authorsCount: 6,
    votes: 8,
    reasons: [
      { name: 'Robotics', inTitle: false },
      { name: 'Flow matching', inTitle: false },
    ],
  },
  {
    ...arxiv('2507.22270', '2025-07-29'),
    title: 'Weighted Conditional Flow Matching',
    summary:
      'A Gibbs kernel weights each training pair, which gives the straight paths of optimal transport without solving for them in every batch.',
    authorsCount: 6,
    votes: 5,
    reasons: [{ name: 'Flow Matching in Latent Space', inTitle: false, liked: true }],
  },
  {
    ...arxiv('2510.21890', '2025-10-23'),
    title: 'The Principles of Diffusion Models',
    summary:
      'Diffusion seen three ways (variational, score, flow), each traced to one moving velocity field, from first steps to flow maps between any two times.',
    authorsCount: 5,
    votes: 112,
    comments: 3,
    projectUrl: 'https://the-principles-of-diffusion-models.github.io',
    reasons: [{ name: 'Surveys', inTitle: false }],
  },
];

function arxiv(id: string, publishedOn: string) {
  return {
    key: `arxiv:${id}`,
    abstract: '',
    authors: [] as string[],
    organization: null as string | null,
    publishedAt: new Date(`${publishedOn}T00:00:00Z`),
    comments: 0,
    codeStars: null,
    url: `https://huggingface.co/papers/${id}`,
    pdfUrl: `https://arxiv.org/pdf/${id}`,
    codeUrl: null as string | null,
    projectUrl: null as string | null,
    editorNote: '',
    pictures: null as typeof samplePictures | null,
  };
}
