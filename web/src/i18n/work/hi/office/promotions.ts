import { plurals } from '../../../plurals';
import type english from '../../en/office/promotions';

const plural = plurals('hi-IN');

const promotions: typeof english = {
  promotions: {
    title: 'ऑफ़र',
    new: 'नया ऑफ़र',
    none: 'अभी कोई ऑफ़र नहीं है',
    automatic: 'अपने आप',
    theAutomatic: 'अपने आप लगने वाली छूट',
    ended: (name) => `${name}: ऑफ़र ख़त्म हो गया।`,
    published: (name) => `${name}: ऑफ़र चालू हो गया।`,
    columns: {
      code: 'कोड',
      discount: 'छूट',
      for: 'किस पर',
      valid: 'कब तक',
      uses: 'कितनी बार चला',
      state: 'स्थिति',
    },
    usesOf: (uses, most) => `${most} में से ${uses}`,
    perCustomer: (uses) => `हर ग्राहक ${uses} बार`,
    states: { planned: 'आने वाला', running: 'चालू', 'used up': 'पूरा इस्तेमाल हुआ', ended: 'ख़त्म' },
    end: 'ख़त्म करें',
    sure: 'यह ऑफ़र ख़त्म करें?',
    endIt: 'ऑफ़र ख़त्म करें',
    endWhy: (name) => `${name}: अब इससे दाम कम नहीं होंगे। जिन बुकिंग में छूट मिल चुकी है, उनमें बनी रहेगी।`,
    everything: 'सब पर',
    fromTo: (first, last) => `${first} से ${last}`,
    from: (first) => `${first} से`,
    until: (last) => `${last} तक`,
    always: 'हमेशा',
  },
  promotion: {
    code: 'कोड',
    codeHint: 'खाली छोड़ेंगे तो छूट अपने आप लगेगी।',
    name: 'नाम',
    nameHint: 'ग्राहकों को छूट के साथ दिखता है, जैसे “मंगलवार की छूट”।',
    discount: 'छूट',
    percentOff: 'दाम का प्रतिशत',
    amountOff: 'बुकिंग पर रकम',
    percent: 'प्रतिशत',
    amount: (currency) => `रकम (${currency})`,
    first: 'पहला दिन',
    last: 'आख़िरी दिन',
    uses: 'कुल कितनी बार',
    each: 'हर ग्राहक कितनी बार',
    noLimit: 'कोई सीमा नहीं',
    days: 'शो के दिन',
    types: 'टिकट के प्रकार',
    venues: 'थिएटर',
    shows: 'फ़िल्में और नाटक',
    all: '(सभी)',
    publish: 'चालू करें',
    badCode: '4 से 32 अक्षर, अंक या हाइफ़न लिखें।',
    badPercent: '1 से 100 तक की संख्या लिखें।',
    badAmount: 'रकम लिखें, जैसे 50।',
    backwards: 'आख़िरी दिन पहले दिन से पहले है।',
    badUses: '1 से 1,00,000 तक की संख्या लिखें।',
  },
  picker: {
    shows: {
      find: 'फ़िल्म या नाटक ढूँढें',
      none: 'इस नाम की कोई फ़िल्म या नाटक नहीं है।',
      found: (shows) => plural(shows, { other: '# मिले' }),
    },
    venues: {
      find: 'थिएटर ढूँढें',
      none: 'इस नाम का कोई थिएटर नहीं है।',
      found: (venues) => plural(venues, { one: '# थिएटर मिला', other: '# थिएटर मिले' }),
    },
    remove: (name) => `${name} हटाएँ`,
    more: (more) => `${more} और हैं। ढूँढने के लिए लिखें।`,
  },
};

export default promotions;
